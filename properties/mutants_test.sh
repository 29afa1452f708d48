#!/usr/bin/env bash
# Each mutant has a trace in corpus/regressions/ of its name: clean on the real code, a violation on the mutant, of a clause
# that the patch says it breaks. The random engine finds each by itself, and exploring the trace's program, its schedule left
# aside, finds the violation on the mutant and nothing on the real code.
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
  expect 0 'complete$' "$labyrinth" explore "$trace"
  expect 10 'is broken' "$labyrinth" explore --target "$mutant" --findings "$scratch/$name" "$trace"
  if $searches; then
    expect 10 'is broken' "$labyrinth" run --target "$mutant" --findings "$scratch/$name" --seed 1 --count 2000000
  fi
done
finish
