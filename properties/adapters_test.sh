#!/usr/bin/env bash
# Each allocator in targets/ gets the verdict that docs/adapters.md says: the right ones are clean under every engine, and what is wrong
# with the others is found by each, replays, and shows in the timeline.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
traces=$source_dir/corpus/targets
target() { echo "$build/targets/$1.so"; }

# What a target is given is what it can do, and the reports say what follows.
expect 0 'not checked: N4 of calls from NMIs' "$labyrinth" targets "$(target textbook-buddy)"
expect 0 'uses of the machine: irq_restore, irq_save, spin_lock, spin_unlock' "$labyrinth" targets "$(target textbook-buddy)"

# Whether another process does not do what was recorded.
differs() { "$labyrinth" replay --target "$(target "$1")" "${@:2}" | grep 'differs from the record'; }

# clean TARGET: every order of the steps of some programs, and many random and guided ones.
clean() {
  local name=$1
  expect 0 'complete' "$labyrinth" explore --target "$(target "$name")" --cpus 2 --calls 1 --handlers 1
  expect 0 'complete' "$labyrinth" explore --target "$(target "$name")" "$traces/$name"/*.trace
  expect 0 'summary: 30000 executions' "$labyrinth" run --target "$(target "$name")" --seed 1 --count 30000
  expect 0 '' "$labyrinth" fuzz --target "$(target "$name")" -seed=1 -runs=30000
}

# wrong TARGET CLAUSE WORDS: found from a program alone, in the programs of the seed, by the fuzzer, and again from what was kept.
wrong() {
  local name=$1 clause=$2 words=$3
  local what=("$traces/$name"/*.trace)
  expect 10 "$clause is broken" "$labyrinth" explore --target "$(target "$name")" --findings explored "${what[@]}"
  expect 10 "$clause is broken" "$labyrinth" run --target "$(target "$name")" --seed 1 --count 300000 --findings ran
  expect 10 "$clause is broken" "$labyrinth" fuzz --target "$(target "$name")" --findings fuzzed -seed=1 -runs=300000
  for found in explored ran fuzzed; do
    expect 10 "$words" "$labyrinth" replay --target "$(target "$name")" $found/*.trace
    expect 10 'violation of '"$clause" "$labyrinth" replay --target "$(target "$name")" $found/*.trace
    expect 1 '' differs "$name" $found/*.trace
    rm -rf $found
  done
  expect 10 "$words" "$labyrinth" replay --target "$(target "$name")" "${what[@]}"
}

clean textbook-buddy
clean thread-caches
wrong textbook-buddy-no-irq N1 'hardirq|softirq'
wrong lock-free-list X1 'cas32'

# A mutex of the C library, which the machine takes for what it is: who may not sleep must not wait for one.
expect 10 'N1 is broken' "$labyrinth" explore --target "$(target mutex_target)" "$traces"/textbook-buddy/*.trace
expect 10 'a lock of the C library that another context holds' "$labyrinth" run --target "$(target mutex_target)" --seed 1

expect 10 'hardirq cpu 0 arrives' "$labyrinth" replay --target "$(target mutex_target)" "$traces"/textbook-buddy-no-irq/*.trace
expect 10 'violation of N1' "$labyrinth" replay --target "$(target mutex_target)" "$traces"/textbook-buddy-no-irq/*.trace

# Values by key are each task's own; so the same explorations as of the adapter with the machine's own spinlock are complete.
expect 0 'complete' "$labyrinth" explore --target "$(target keys_target)" --cpus 2 --calls 2 --handlers 1
expect 0 'summary: 20000 executions' "$labyrinth" run --target "$(target keys_target)" --seed 1 --count 20000

# Threads and signals are the program's to say: a verdict that names the calls, from create() as from a run.
expect 11 'inconclusive: the target makes or joins threads \(pthread_create.*not supported' \
  "$labyrinth" replay --target "$(target threading_target)" "$source_dir/corpus/regressions/lost-update-in-free.trace"
expect 11 'inconclusive: the target handles or masks signals \(signal.*not supported' \
  "$labyrinth" replay --target "$(target threading_target)" "$traces"/textbook-buddy/*.trace

# Uninstrumented: calls alone, from the largest machine.
if [ -e "$(target mimalloc)" ]; then
  expect 0 'not checked: N4 of interrupts inside a call: it is compiled without hooks' "$labyrinth" targets "$(target mimalloc)"
  expect 0 'summary: 20000 executions' "$labyrinth" run --target "$(target mimalloc)" --seed 1 --count 20000 "$traces"/mimalloc/*.trace
  expect 0 'clean' "$labyrinth" replay --target "$(target mimalloc)" "$traces"/mimalloc/*.trace
  expect 11 'does not accept this machine' "$labyrinth" replay --target "$(target mimalloc)" "$traces"/lock-free-list/*.trace
fi

# Only where ci/setup-genpool has been asked for it. The plain reads are all that is wrong with it.
if [ -e "$(target gen-pool)" ]; then
  expect 10 'M1 is broken' "$labyrinth" explore --target "$(target gen-pool)" --cpus 2 --calls 1 --findings pool
  # Pointers among what it reads are elsewhere in each process, and yet the same places.
  expect 10 'load64 heap.* &heap' "$labyrinth" replay --target "$(target gen-pool)" pool/*.trace
  expect 1 '' differs gen-pool pool/*.trace
  expect 0 'complete' "$labyrinth" explore --target "$(target gen-pool-marked)" --cpus 2 --calls 1 --handlers 1 --level nmi
  expect 0 'summary: 30000 executions' "$labyrinth" run --target "$(target gen-pool-marked)" --seed 1 --count 30000
fi
finish
