#!/usr/bin/env bash
# Targets as they ship, on real threads, under real signals and with a handler at every instruction, get the verdicts that
# docs/native.md says; and a target that crashes, hangs or ends the process ends in a verdict.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
native=$build/labyrinth_native
if [ ! -e "$native" ]; then
  echo "skipped: labyrinth_native is for x86-64 and builds without sanitizers"
  exit 77
fi
target() { echo "$build/targets/plain/$1.so"; }
# on TARGET OPTIONS...
on() { "$native" --target "$(target "$1")" "${@:2}"; }
step=(--every-instruction --call free --handler)

for name in textbook-buddy thread-caches reference; do
  expect 0 '^summary: clean: 4 threads' on $name --threads 4 --seconds 0.3
  expect 0 '^summary: clean: 2 threads.* [1-9][0-9]* of handlers' on $name --threads 2 --interrupts 20000 --seconds 0.5 --least-inside 10
  expect 0 '^summary: clean: .* [1-9][0-9]* instructions, 0 missed' on $name "${step[@]}" 'free, alloc'
done

# Interrupts on while a lock is held: threads alone never see it, and each handler within the lock does.
expect 0 '^summary: clean' on textbook-buddy-no-irq --threads 2 --seconds 0.3
expect 10 '^N1 is broken: .* in thread . (softirq|hardirq) spins on a lock .* interrupted by it' on textbook-buddy-no-irq --threads 2 --interrupts 20000 --seconds 60
expect 10 'handler came before instruction [0-9]+, 0x[0-9a-f]+ of textbook-buddy-no-irq.so' on textbook-buddy-no-irq "${step[@]}" 'free of 4 frames'
on textbook-buddy-no-irq "${step[@]}" 'free of 4 frames' --json >no-irq.json || true
expect 0 '^N1 violation$' jq -r '.findings[0].clause + " " + .verdict' no-irq.json

# ABA: between the look at the head and the exchange, at an instruction that is named.
# What is lost meanwhile may be noticed first when the world stops.
expect 10 '^(X1|X4) is broken' on lock-free-list --threads 2 --interrupts 20000 --seconds 60
expect 10 'list_take at .*list.c' on lock-free-list --every-instruction --call alloc --handler 'free the first'
expect 0 '^summary: clean' on lock-free-list "${step[@]}" 'free the first'

# Nobody compiled it for this: threads are what it is for, and handlers are not.
if [ -e "$(target mimalloc)" ]; then
  expect 0 '65536 frames.*4 CPUs' on mimalloc --threads 4 --seconds 0.5
  expect 10 'of libmimalloc' on mimalloc --every-instruction --call alloc --handler alloc,
fi

# A lock of the C library, which nothing here sees: the call does not return.
expect 10 'N2 is broken: a call does not return, although nobody else runs' on mutex_target "${step[@]}" 'free of 4 frames' --patience 1

rude() { LABYRINTH_RUDE=$1 on rude_target --threads "${2:-2}" --seconds 0.3 --patience 1 "${@:3}"; }
expect 0 '^summary: clean' rude nothing
expect 10 'N2 is broken: .*it called exit\(3\)' rude exit
expect 10 'N2 is broken: .*crashes; signal 11 at 0x1000' rude crash
cp out crash
expect 0 'rude_target.cpp:[0-9]+' cat crash
expect 11 'thread . task has been in alloc for 1 s' rude hang
expect 10 'N2 is broken: .*nobody else runs: thread 0 task has been in alloc' rude hang 1
expect 10 'X1 is broken' rude twice
expect 10 'X2 is broken: .*outside of the memory given' rude outside
expect 10 'X4 is broken: with everything freed there were' rude lose
expect 11 'does not accept that machine' rude nothing 2 --frames 4096

# For machines, too.
. "$source_dir/properties/expect_results.sh"
expect 10 'X2 is broken' rude outside 2 "${both[@]}"
sarif '.runs[0].results[0].ruleId == "X2"'
xml 'count(//failure)' '[1-9][0-9]*'
expect 0 '^summary: clean' on textbook-buddy "${step[@]}" 'free, alloc' "${both[@]}"
sarif '(.runs[0].results | length) == 0'

on textbook-buddy --threads 2 --interrupts 5000 --seconds 0.5 --least-inside 1 --json >clean.json || true
expect 0 '^clean textbook-buddy$' jq -r '.verdict + " " + .target.name' clean.json
expect 11 'fewer than 1000000 signals landed inside a call' on textbook-buddy --interrupts 20000 --seconds 0.3 --least-inside 1000000
expect 11 'it was cut off' timeout --preserve-status --signal INT 0.5 "$native" --target "$(target textbook-buddy)" --seconds 600
expect 11 'stopped before the end' timeout --preserve-status --signal INT 0.5 "$native" --target "$(target reference)" --every-instruction
expect 0 'Exit codes' "$native" --help
expect 64 'threads' "$native" --threads 0
expect 64 'no call is meant' "$native" --every-instruction --call nothing-like-this
expect 66 'cannot load the target' "$native" --target nowhere.so
cp "$build/targets/textbook-buddy.so" alone.so
expect 66 'without hooks' "$native" --target ./alone.so
# What was built beside it is meant.
expect 0 '^summary: clean' "$native" --target "$build/targets/textbook-buddy.so" --seconds 0.2
finish
