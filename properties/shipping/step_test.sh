#!/usr/bin/env bash
# An NMI at every instruction of every call of every scene finds nothing in the library as it ships; and finds what was put
# back into mutants of it, names the instruction by its source line, and leaves a trace that the hooked mutant replays.
# N4: any call is permitted inside any interrupted call. N2: it returns, wherever the other one was stopped.
# The rest (`--nest 2`, all levels, `--count`) is ci/verify's.
set -euo pipefail
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../expect_results.sh"
cd "$scratch"
step=$build/properties/labyrinth_step
if { "$step" --help || true; } | grep "^labyrinth_step: skipped"; then exit 77; fi

expect 0 'every distinct|Interrupts calls' "$step" --help
expect 64 'no call of a scene' "$step" --call nothing-like-this
expect 64 'level' "$step" --level task
expect 66 'cannot load the target' "$step" --shipped nowhere.so
expect 66 'has hooks|object of its own' "$step" --shipped "$build/targets/reference.so"
expect 66 'object of its own' "$step" --shipped "$build/targets/plain/reference.so"
expect 0 '^  kfree x' "$step" --list-calls

# All pairs, one level.
expect 0 ' 0 broken, 0 unclear$' "$step" --level nmi --target none
few=(--scene rooms --scene mappings --level nmi --target none)
"$step" "${few[@]}" --json >few.json || true
expect 0 '^true$' jq '[.nestings[] | .instructions == .alone and .alone > 0 and .distinct > 0 and .left_out == ""] | all' few.json
expect 0 '^113$' jq '.nestings | length' few.json
expect 0 '' "$step" "${few[@]}" "${both[@]}"
sarif '.runs[0].results == []'
xml 'count(//testcase[not(*)])' 113
# Three calls, and instructions with a handler in between.
expect 0 ' 0 broken, 0 unclear$' "$step" --scene rooms --call 'free x' --level nmi --target none --nest 2
expect 0 '^true$' jq '[.nestings[] | .nested >= .alone] | all' <("$step" --scene rooms --call 'free' --level nmi --target none --count --json)

# mutant, clause, scene, interrupted call, handler's call, the line where the handler came
mutants=(
  'lost-update-in-free|X3|last-frame|free x|alloc atomic order=0|impl/src/ownership\.hpp:[0-9]+'
  'undo-gives-back-neighbour|X3|large-block|alloc atomic order=6|alloc atomic order=0|impl/src/(ownership|search)\.cpp:[0-9]+'
  'live-bit-lost-in-kfree|X3|objects|kfree x|kfree x|impl/src/object_frames\.cpp:[0-9]+'
)
for line in "${mutants[@]}"; do
  IFS='|' read -r mutant clause scene call handler place <<<"$line"
  pair=(--scene "$scene" --call "$call" --handler "$handler" --level nmi)
  hooked=$build/targets/mutant-$mutant.so
  expect 0 ' 0 broken, 0 unclear$' "$step" "${pair[@]}" --target none
  expect 10 "    .* at $place" "$step" "${pair[@]}" --shipped "$build/targets/stepped/$mutant.so" --target "$hooked" --findings found
  cp out words
  expect 0 "^$clause is broken" cat words
  expect 0 'nmi in `.*` before instruction [0-9]+ of `' cat words
  "$step" "${pair[@]}" --shipped "$build/targets/stepped/$mutant.so" --target "$hooked" --findings found --json >json || true
  expect 0 "^true$" jq '.findings[0].trace_same_clause' json
  trace=$(jq -r '.findings[0].trace' json)
  expect 10 "$clause" "$labyrinth" replay --target "$hooked" "$trace"
  expect 0 'clean' "$labyrinth" replay "$trace"
done

# Ctrl-C: what was seen until then is reported.
stopped() {
  "$step" --target none >stopped 2>&1 &
  local pid=$! code=0
  sleep 2
  kill -INT "$pid"
  wait "$pid" || code=$?
  cat stopped
  return $code
}
set -m
expect 11 'stopped before the end$' stopped

finish
