#!/usr/bin/env bash
# Each mutant has a trace in corpus/regressions/ of its name: clean on the real code, a violation on the mutant, of a clause
# that the patch says it breaks. The random engine finds each by itself, and exploring the trace's program, its schedule left
# aside, finds the violation on the mutant and nothing on the real code: completely, or as far as the trace says that it goes.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$source_dir"
# The search is the same under the sanitizers, and ten times slower.
searches=true
if grep -q -e -fsanitize=address "$build/CMakeCache.txt"; then searches=false; fi
for patch in proofs/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  trace=corpus/regressions/$name.trace
  mutant=$build/targets/mutant-$name.so
  expect 0 'clean' "$labyrinth" replay "$trace"
  expect 10 "$name" "$labyrinth" replay --target "$mutant" "$trace"
  clause=$("$labyrinth" replay --json --target "$mutant" "$trace" | jq -r '.files[0].clause' || true)
  expect 0 "${clause:-no clause at all}" grep -E '^# Fails on' "$trace"
  # Whole, or as far as the trace says.
  bound=()
  most=$(sed -n 's/^# Explored with at most \([0-9]*\) preemptions.*/\1/p' "$trace")
  if [ -n "$most" ]; then
    bound=(--preemptions "$most")
    expect 11 'not complete: more preemptions' "$labyrinth" explore "${bound[@]}" "$trace"
  else
    expect 0 'complete$' "$labyrinth" explore "$trace"
  fi
  if grep -q '^memory rc11' "$trace"; then  # and nothing else shows it
    expect 0 'complete$' "$labyrinth" explore --memory sc --target "$mutant" "$trace"
  fi
  expect 10 'is broken' "$labyrinth" explore "${bound[@]}" --target "$mutant" --findings "$scratch/$name" "$trace"
  # Where the online rules object to an answer no order of the calls explains the history, as far as it is judged.
  histories() {
    { "$labyrinth" explore "${bound[@]}" --linearizability --keep-going --json --target "$mutant" --findings "$scratch/$name" "$trace" || true; } |
      jq ".histories | $1"
  }
  expect 0 '^{}$' histories '.disagreements'
  if [[ $clause =~ ^(X1|X3|E1|E2|E4)$ ]]; then
    expect 0 '^true$' histories '.broken_for_both + ([.not_judged[]] | add // 0) > 0'
  fi
  $searches || continue
  # Of what only weak memory shows, and where the trace says so, random schedules of its program.
  program=()
  if grep -q -e '^memory rc11' -e '^# Among random programs it takes millions' "$trace"; then program=("$trace"); fi
  expect 10 'is broken' "$labyrinth" run --target "$mutant" --findings "$scratch/$name" --seed 1 --count 2000000 \
    "${program[@]}"
done

# The table of who finds what.
one=watermark-off-by-one
expect 0 '^watermark-off-by-one +E1, C3 +[0-9]+\.[0-9]{2} +[0-9]+\.[0-9]{2}$' \
  "$labyrinth" mutants $one --engine replay --engine run --seeds 3
"$labyrinth" mutants $one --engine replay --engine fuzz --json >"$scratch/table.json" 2>/dev/null
expect 0 '^found found$' jq -r '[.mutants[0].engines[][0].result] | join(" ")' "$scratch/table.json"
expect 0 '^(E1|C3)-' jq -r '.mutants[0].engines.fuzz[0].finding' "$scratch/table.json"
expect 11 'survived: claim-undone-in-sight' "$labyrinth" mutants claim-undone-in-sight --engine run --seconds 0.5
expect 66 'there is no mutant `no-such-thing`' "$labyrinth" mutants no-such-thing
expect 66 'run this in a checkout' "$labyrinth" mutants --sources "$scratch"
expect 66 'ninja -C .* builds it' "$labyrinth" mutants --build "$scratch"
expect 64 'not in' "$labyrinth" mutants --engine no-such-thing
finish
