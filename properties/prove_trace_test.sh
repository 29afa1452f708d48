#!/usr/bin/env bash
# A counterexample becomes a trace: each quick proof about the allocator (and of rooms) fails with its mutant put back in, and what it fails
# with is a trace that breaks a clause on that mutant and none on the right code. Where there is none, that is said.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
. "$(dirname "$0")/proof_files.sh"
cd "$scratch"
mkdir proofs tmp
LABYRINTH_CBMC=$("$source_dir/ci/cbmc" --where)
export LABYRINTH_CBMC TMPDIR=$scratch/tmp

# Under sanitizers only quick proofs are lowered, and of the targets that are for this test alone there is none.
quick=false
if grep -q '^LABYRINTH_PROOFS:.*=quick$' "$build/CMakeCache.txt"; then quick=true; fi

# What `labyrinth prove` does with a proof, its mutant put back in.
while read -r name mutant; do
  target=$build/targets/mutant-$mutant.so
  if $quick && ! { [ -e "$build/proofs/$name.c" ] && [ -e "$target" ]; }; then continue; fi
  expect 10 'A trace shows it' "$labyrinth" prove "$name" --mutant "$mutant" --no-cache --findings "$name"
  cp out printed
  expect 0 "^$name +VIOLATED" cat printed
  expect 0 "labyrinth prove $name --mutant $mutant" cat printed
  trace=$(find "$name" -name '*.trace')
  expect 0 '^1$' sh -c "find '$name' -name '*.trace' | wc -l"
  expect 0 "labyrinth replay --target .*$mutant.so $trace" cat printed
  expect 10 'violation of' "$labyrinth" replay --target "$target" "$trace"
  expect 0 'clean' "$labyrinth" replay "$trace"
  expect 0 "^# Of a counterexample of the proof $name over the mutant $mutant: " cat "$trace"
  # It cannot be made smaller.
  expect 10 'summary: ([0-9]+) calls of \1, ([0-9]+) departures of \2, ' "$labyrinth" minimize --target "$target" "$trace" -o "$name.small"
done <<'PROOFS'
word-blocks word-blocks-of-the-wrong-child
word-release lost-update-in-free
word-prepaid credits-of-the-word-before
root-credits watermark-off-by-one
block-set two-large-blocks-share-a-bit
watermarks quarter-before-half
lowmem-reserve reserve-for-the-zone-itself
route room-spills-unasked
room room-is-full-after-lost-races
PROOFS

# What somebody sees who changes the code so: the proof and the target are both of it.
mkdir changed
cp "$build/proofs/proofs.toml" changed/
# (A proof that takes no time: what is looked at is what becomes of the counterexample.)
for c in root-credits root-credits@watermark-off-by-one; do
  cp "$build/proofs/root-credits@watermark-off-by-one.c" "changed/$c.c"
done
expect 10 'A trace shows it' "$labyrinth" prove root-credits --no-cache --proofs changed --findings changed/found \
  --target "$build/targets/mutant-watermark-off-by-one.so"
expect 10 'violation of' "$labyrinth" replay --target "$build/targets/mutant-watermark-off-by-one.so" changed/found/*.trace

# Every mutant of a proof that has a translation is there as a target.
"$labyrinth" prove --list --json >list.json
jq -r '.proofs[] | select(.trace != "") | .mutants[]' list.json >mutants
expect 0 'lost-update-in-free' cat mutants
while read -r mutant; do $quick || expect 0 '' ls "$build/targets/mutant-$mutant.so"; done <mutants

# The same for programs to read; no trace is looked for where none is wanted, or none can be.
credits=(root-credits --mutant watermark-off-by-one)
# (What goes on is told on stderr.)
expect 10 '' sh -c '"$@" 2>/dev/null' sh "$labyrinth" prove "${credits[@]}" --json --findings json
cp out found.json
expect 0 '^found E1-alloc' jq -r '.proofs[0].violation.trace | "\(.state) \(.signature)"' found.json
expect 10 '' "$labyrinth" replay --target "$build/targets/mutant-watermark-off-by-one.so" "$(jq -r '.proofs[0].violation.trace.file' found.json)"
expect 10 'VIOLATED' "$labyrinth" prove "${credits[@]}" --trace-seconds 0 --findings none
cp out printed
expect 1 '' grep -Eq '(A|No) trace|translation' printed
expect 2 '' ls none
expect 10 'no translation into a trace: the manifest names none' "$labyrinth" prove context-rules --mutant softirq-with-interrupts-off
expect 10 'No trace was looked for: the target cannot be loaded' "$labyrinth" prove "${credits[@]}" --target "$scratch/out"
expect 10 'No trace was looked for: .* is not there' "$labyrinth" prove "${credits[@]}" --target "$scratch/absent.so"
# On the right code the bug cannot be seen.
expect 10 'No trace shows it: [0-9]+ executions of [0-9]+ programs explored, all clean' \
  "$labyrinth" prove "${credits[@]}" --target "$build/targets/reference.so" --findings clean
cp out printed
expect 0 'labyrinth explore clean/start-root-credits-.*\.trace' cat printed
expect 0 'clean' "$labyrinth" replay clean/start-*.trace

expect 10 'root-credits +VIOLATED' "$labyrinth" prove --mutant watermark-off-by-one --trace-seconds 0
expect 64 'no proof names the mutant `frob`' "$labyrinth" prove --mutant frob
expect 64 'root-credits is not lowered over the mutant `frob`: it names watermark-off-by-one' "$labyrinth" prove root-credits --mutant frob
expect 64 'mutant.*excludes|excludes.*mutant' "$labyrinth" prove "${credits[@]}" --skip-mutants

# On small C files: what holds over a mutant is toothless, and a translation has a name.
holds='unsigned x = nondet_unsigned(); cover("start"); obligation((x & (x - 1)) <= x, "X1: one bit less");'
fails='unsigned x = nondet_unsigned(); cover("start"); obligation((x | 1) == x, "X1: the bit is set");'
proof toothless "$holds" "$holds"
proof right "$fails" "$fails" 'trace="claim"'
expect 11 'mutant `wrong`: the proof holds for it' "$labyrinth" prove --proofs proofs toothless --mutant wrong --no-cache
expect 10 'No trace was looked for: .*mutant-wrong.so is not there' "$labyrinth" prove --proofs proofs right --mutant wrong --no-cache
expect 10 'No trace shows it' "$labyrinth" prove --proofs proofs right --no-cache --findings right
manifest other 'trace="frob"'
expect 66 'trace: one of claim, release, .* is wanted, not `frob`' "$labyrinth" prove --proofs proofs right
finish
