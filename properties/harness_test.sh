#!/usr/bin/env bash
# The harnesses under each engine: what they find is saved as a trace that `labyrinth replay` breaks the same way, the real
# code stays clean, and afl-fuzz takes labyrinth_afl for what it is: persistent, deferred, stable.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
sequential_mutant=$build/targets/mutant-watermark-off-by-one.so
lost_update=$build/targets/mutant-lost-update-in-free.so

# sequential: on the plain build of the target that is named.
expect 0 'Done 20000 runs' "$labyrinth" fuzz --harness sequential -runs=20000 -seed=1
expect 10 'is broken' "$labyrinth" fuzz --harness sequential --target "$sequential_mutant" --findings sequential -runs=100000 -seed=1
expect 10 'violation of' "$labyrinth" replay --target "$sequential_mutant" sequential/*.trace
expect 0 'exited with code 0|Job 1' "$labyrinth" fuzz --harness sequential -jobs=2 -workers=2 -runs=2000 -seed=1
cp "$build/targets/reference.so" alone.so
expect 66 'there is no .*plain/alone.so.* Build alone-plain' "$labyrinth" fuzz --harness sequential --target alone.so -runs=1
mkdir plain && mv alone.so plain/
expect 66 'runs targets without hooks, and .* is one with' "$labyrinth" fuzz --harness sequential --target plain/alone.so -runs=1
expect 66 'runs targets with hooks' "$labyrinth" fuzz --target "$build/targets/plain/reference.so" -runs=1
expect 64 'not in' "$labyrinth" fuzz --harness nobody -runs=1

# differential: who is wrong is said, and answers that differ are told and kept.
expect 0 'Done 20000 runs' "$labyrinth" fuzz --harness differential --findings same -runs=20000 -seed=1
expect 0 '^0$' sh -c 'ls same | wc -l'
# Under weak memory: what no interleaving shows, from the seeds.
late=$build/targets/mutant-ready-before-address.so
expect 0 'binary ones' "$labyrinth" corpus convert "$source_dir/corpus/seeds" --output weak-seeds
expect 10 'C2 is broken' "$labyrinth" fuzz --harness weak --target "$late" --findings weak -seed=1 -runs=200000 weak-seeds
expect 10 'violation of C2' "$labyrinth" replay --target "$late" weak/*.trace
expect 0 '^memory rc11' cat weak/*.trace
expect 0 'DONE|Done' "$labyrinth" fuzz --harness weak --findings weak-clean -seed=1 -runs=3000

expect 10 'Only the target breaks the model' "$labyrinth" fuzz --harness differential --target "$sequential_mutant" \
  --findings differential -runs=100000 -seed=1
expect 10 'Only the target that it is held against' "$labyrinth" fuzz --harness differential --against "$sequential_mutant" \
  --findings against -runs=100000 -seed=1
expect 10 'violation of' "$labyrinth" replay --target "$sequential_mutant" against/*.trace
printf '\002\000\374\000\000\000\000\000\000\000\000\322' >bulk
expect 0 'answers differ: a = bulk' "$labyrinth" fuzz --harness differential --target "$build/targets/hooks_target.so" \
  --findings answers bulk
expect 0 'no answer' sh -c 'cat answers/difference-*.trace'

# By the contract of OSS-Fuzz; and a sanitized target, whose error the model cannot see.
expect 0 'Done 5000 runs' "$build/fuzz/interleaved_fuzzer" -runs=5000 -seed=1
expect 0 'Done 5000 runs' "$build/fuzz/differential_fuzzer" -runs=5000 -seed=1
expect 77 'is broken' env LABYRINTH_TARGET="$sequential_mutant" LABYRINTH_FINDINGS=standalone \
  "$build/fuzz/sequential_fuzzer" -runs=100000 -seed=1
expect 10 'violation of' "$labyrinth" replay --target "$sequential_mutant" standalone/*.trace
expect 0 'Done 5000 runs' "$build/fuzz/sequential_sanitized_fuzzer" -runs=5000 -seed=1
expect 1 'use-after-poison' env LABYRINTH_TARGET="$build/targets/overflowing_target.so" LABYRINTH_FINDINGS=overflow \
  "$build/fuzz/sequential_sanitized_fuzzer" -runs=100000 -seed=1
expect 0 'a = alloc' sh -c 'cat overflow/sanitizer-*.trace'

# AFL++, which takes no options of sanitizers that are not its own.
unset ASAN_OPTIONS UBSAN_OPTIONS
export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1 AFL_NO_UI=1
# Not under sanitizers, whose run-time afl-fuzz does not have.
if [ -e "$build/fuzz/liblabyrinth_afl_mutator.so" ]; then
  export AFL_CUSTOM_MUTATOR_LIBRARY=$build/fuzz/liblabyrinth_afl_mutator.so
fi
mkdir seeds
printf '\0\0\0\0\0\0\0\0\0\0\0\0' >seeds/zero
# From the first violation on, afl-fuzz needs no more test cases.
under_afl() { # DIRECTORY TEST-CASES OPTIONS...
  local out=$1 cases=$2
  shift 2
  timeout 300 afl-fuzz -s 1 -G 256 -t 1000 -i seeds -o "$out" -E "$cases" -- "$build/labyrinth_afl" --findings "$out/findings" "$@"
}
expect 0 "Persistent mode binary detected.*" under_afl clean 5000
expect 0 'Deferred forkserver binary detected|deferred' under_afl clean2 100
expect 0 'stability *: 100.00%' cat clean/default/fuzzer_stats
expect 0 '^0$' sh -c 'ls clean/default/crashes clean/findings 2>/dev/null | grep -c id: || true'
AFL_BENCH_UNTIL_CRASH=1 expect 0 '' under_afl found 100000 --target "$lost_update"
expect 0 'id:' ls found/default/crashes
for _ in $(seq 100); do ls found/findings/*.trace >/dev/null 2>&1 && break || sleep 0.1; done # saved aside
expect 10 'violation of' "$labyrinth" replay --target "$lost_update" found/findings/*.trace
expect 134 'is broken' sh -c '"$@"; exit $?' sh "$build/labyrinth_afl" --target "$lost_update" --findings again found/default/crashes/id*
AFL_BENCH_UNTIL_CRASH=1 expect 0 '' under_afl found2 200000 --harness sequential --target "$sequential_mutant"
expect 0 'id:' ls found2/default/crashes
expect 64 'let afl-fuzz start this program' "$build/labyrinth_afl"
expect 64 'not in' "$build/labyrinth_afl" --harness nobody
expect 66 'cannot be read' "$build/labyrinth_afl" no-such-file
finish
