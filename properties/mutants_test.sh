#!/usr/bin/env bash
# Each mutant has a trace in corpus/regressions/ of its name: clean on the real code, a violation on the mutant, of a clause
# that the patch says it breaks. The random engine finds each by itself, and exploring the trace's program, its schedule left
# aside, finds the violation on the mutant and nothing on the real code.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$source_dir"
for patch in proofs/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  trace=corpus/regressions/$name.trace
  mutant=$build/targets/mutant-$name.so
  expect 0 'clean' "$labyrinth" replay "$trace"
  expect 10 "$name" "$labyrinth" replay --target "$mutant" "$trace"
  clause=$("$labyrinth" replay --json --target "$mutant" "$trace" | jq -r '.files[0].clause' || true)
  expect 0 "${clause:-no clause at all}" grep -E '^# Fails on' "$trace"
  expect 0 'complete$' "$labyrinth" explore "$trace"
  if grep -q '^memory rc11' "$trace"; then  # and nothing else shows it
    expect 0 'complete$' "$labyrinth" explore --memory sc --target "$mutant" "$trace"
  fi
  expect 10 'is broken' "$labyrinth" explore --target "$mutant" --findings "$scratch/$name" "$trace"
  # Where the online rules object to an answer no order of the calls explains the history, as far as it is judged.
  histories() {
    { "$labyrinth" explore --linearizability --keep-going --json --target "$mutant" --findings "$scratch/$name" "$trace" || true; } |
      jq ".histories | $1"
  }
  expect 0 '^{}$' histories '.disagreements'
  if [[ $clause =~ ^(X1|X3|E1|E2|E4)$ ]]; then
    expect 0 '^true$' histories '.broken_for_both + ([.not_judged[]] | add // 0) > 0'
  fi
  # Of what only weak memory shows, and where the trace says so, random schedules of its program.
  program=()
  if grep -q -e '^memory rc11' -e '^# Among random programs it takes millions' "$trace"; then program=("$trace"); fi
  expect 10 'is broken' "$labyrinth" run --target "$mutant" --findings "$scratch/$name" --seed 1 --count 2000000 \
    "${program[@]}"
done
finish
