#!/usr/bin/env bash
# labyrinth doctor: a target as it should be has nothing to mend, and each check fails on one that is wrong in its way. They are
# the skeleton's allocator, built wrongly or with a few lines in its adapter.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
unset labyrinth_DIR LABYRINTH_TARGET CC CXX

"$labyrinth" new-target right >/dev/null
cd right

# adapter NAME LINES: another adapter, which does this at the beginning of each alloc.
adapter() { awk -v lines="$2" '/^#include "allocator.hpp"/ { print "#include <atomic>\n#include <cstdlib>\n#include <fcntl.h>\n#include <unistd.h>\n#include <labyrinth/machine/machine.h>\nstd::atomic<int> seen;" } { print } /^void alloc\(/ { print lines }' adapter.cpp >"$1.cpp"; }
adapter process 'seen.store(getpid());'
adapter random 'seen.store(rand());'
adapter file 'const int file = open("kept", O_CREAT | O_APPEND | O_WRONLY, 0600); if (write(file, "x", 1) != 1) abort(); seen.store(static_cast<int>(lseek(file, 0, SEEK_END))); close(file);'
adapter masks 'struct Off { bool on = labyrinth_machine_irq_save(); ~Off() { labyrinth_machine_irq_restore(on); } } const off;'
sed -i 's/ | LABYRINTH_TARGET_CAN_NMI//' masks.cpp
adapter crashes 'abort();'
adapter ends '_exit(0);'
adapter hangs 'for (;;) asm volatile("");'
sed 's/void alloc(/__attribute__((constructor)) void early() { __builtin_trap(); }\n&/' adapter.cpp >crashes_early.cpp
sed 's/return sizeof(Adapted) +.*/return geometry->frames < 4096 ? 0 : 4096;/' adapter.cpp >huge.cpp
sed 's/\.abi = LABYRINTH_TARGET_ABI/.abi = 1/' adapter.cpp >old.cpp
sed 's/\.free = free/.free = nullptr/' adapter.cpp >no_free.cpp
sed -z 's/if (word.compare_exchange_weak(bits, \(bits | std::uint64_t{1} << bit\),[^{]*{/word.store(\1);\n{/' allocator.cpp >wrong_allocator.cpp
echo 'src:*allocator.cpp' >ignored
cat >>CMakeLists.txt <<EOF
foreach(adapter process random file masks crashes ends hangs crashes_early huge old no_free)
  labyrinth_add_target(\${adapter} SOURCES allocator.cpp ADAPTER \${adapter}.cpp)
endforeach()
labyrinth_add_target(wrong SOURCES wrong_allocator.cpp ADAPTER adapter.cpp)
labyrinth_add_target(unhooked SOURCES allocator.cpp ADAPTER adapter.cpp OPTIONS -fno-sanitize=thread)
labyrinth_add_target(half_hooked SOURCES unhooked_allocator.cpp ADAPTER adapter.cpp)
set_source_files_properties(unhooked_allocator.cpp PROPERTIES COMPILE_OPTIONS -fno-sanitize=thread)
labyrinth_add_target(bare SOURCES allocator.cpp ADAPTER adapter.cpp PLAIN)
labyrinth_add_target(edgeless SOURCES allocator.cpp ADAPTER adapter.cpp OPTIONS -fno-sanitize-coverage=inline-8bit-counters,pc-table)
labyrinth_add_target(few_edges SOURCES allocator.cpp ADAPTER adapter.cpp OPTIONS -fsanitize-coverage-ignorelist=\${CMAKE_CURRENT_SOURCE_DIR}/ignored)
EOF
cp allocator.cpp unhooked_allocator.cpp
expect 0 'Generating done' cmake -G Ninja -S . -B build "-Dlabyrinth_DIR=$build"
names=(right process random file masks crashes ends hangs crashes_early huge old no_free wrong unhooked half_hooked bare edgeless few_edges)
expect 0 '' cmake --build build --target "${names[@]}"

# says CODE WORDS TARGET OPTIONS...: what the doctor finds, on one trace unless the options say otherwise.
says() {
  local code=$1 words=$2 target=$3
  shift 3
  expect "$code" "$words" "$labyrinth" doctor --target "build/targets/$target.so" --seeds traces "$@"
}

# As it should be: nothing to mend but what nobody has built yet.
says 0 '^  warning  plain .*no .*plain/right.so: .*sequential' right
expect 0 '' cmake --build build --target right-plain right-sanitized
"$labyrinth" doctor --target build/targets/right.so --seeds traces >seen
for line in 'loads +right, build [0-9a-f]{40}' 'hooks +[0-9]+ kinds, [1-9][0-9]* atomic accesses' \
  'interrupts +of ([0-9]+) accesses .*, \1 let another CPU come between, \1 a hardirq, \1 an NMI' 'edges +[0-9]+ are counted, of which the seeds reach [1-9]' \
  'seeds +1 of 1 are clean' 'state +each seed ran the same' 'reproducible +each seed ran the same in another process' \
  'plain +.*targets/plain/right.so' 'sanitized +.*targets/sanitized/right.so'; do
  expect 0 '' grep -E "^  ok       $line" seen
done
expect 0 '^summary: .* 0 broken, 0 unclear$' "$labyrinth" doctor --target build/targets/right.so
expect 0 '^summary: .* 0 broken, 0 unclear$' "$labyrinth" doctor
expect 0 '^0$' sh -c "'$labyrinth' doctor --json --target build/targets/right.so | jq '[.target[] | select(.state != \"ok\")] | length'"

# What masks interrupts has none inside, and nothing is wrong with that.
says 0 '^  ok       interrupts .* ([0-9]) let another CPU come between, [0-2] a hardirq, and NMIs make no calls' masks

# Each check, once wrong.
says 66 'there is no target build/targets/none.so' none
says 10 '^  broken   loads .*another version of the target interface' old
says 10 '^  broken   loads .*lacks one of' no_free
says 10 '^  broken   loads .*ended while it was loaded: SIG' crashes_early
expect 10 '^  broken   loads .*cannot load' "$labyrinth" doctor --target CMakeLists.txt
says 10 '^  broken   hooks .*do not call out' unhooked
says 10 '^  broken   interrupts .*, 0 let another CPU come between, 0 a hardirq, 0 an NMI' unhooked
says 10 '^  warning  hooks .*no atomic access was seen' half_hooked
expect 10 '^  broken   hooks .*built without them' "$labyrinth" doctor --target build/targets/plain/right.so --seeds traces
expect 10 '-> name the one with hooks: --target .*build/targets/right.so$' "$labyrinth" doctor --target build/targets/plain/right.so --seeds traces
says 0 '^  warning  hooks .*none .PLAIN' bare
says 0 '^  warning  interrupts .*none inside of calls' bare
says 10 '^  broken   edges .*none is counted' edgeless
says 0 '^  warning  edges .*only [1-9] are counted' few_edges
says 10 '^  broken   seeds .*handler-within.trace: violation of X1' wrong
says 10 '-> labyrinth replay --target build/targets/wrong.so .*handler-within.trace$' wrong
says 10 '^  broken   seeds .*handler-within.trace: the process ended: SIGABRT' crashes
says 10 '^  broken   interrupts .*the process ended in a small program: SIGABRT' crashes
says 10 '^  broken   seeds .*the process ended: exit-0' ends
says 10 '^  broken   seeds .*the process ended: timeout' hangs --seconds 0.5
says 11 '^  unclear  interrupts .*does not accept a machine of 8 frames' huge
says 11 '^  unclear  seeds .*0 of 1 are clean, 1 need what' huge
says 10 '^  broken   state .*other runs in between changed it, at step [0-9]+: `.*store32' random
says 10 '^  broken   state .*other runs' file
says 10 '^  broken   reproducible .*another process did otherwise, .*step' process
says 10 '^  ok       state' process
says 66 'no-such.trace: cannot be read' right --seeds no-such.trace

# The machine, with nothing in PATH: warnings, and no worse.
PATH=/nowhere "$labyrinth" doctor --seeds traces >seen
for line in 'clang .*clang\+\+-[0-9]+' 'cmake .*for building targets' 'ninja' 'libFuzzer' 'AFL.*no afl-fuzz' 'jq'; do
  expect 0 '' grep -E "^  warning  $line" seen
done
expect 0 '^  warning  CBMC .*LABYRINTH_CBMC is /nowhere/cbmc' env LABYRINTH_CBMC=/nowhere/cbmc "$labyrinth" doctor --seeds traces
printf '#!/bin/sh\necho 5.1\n' >cbmc && chmod +x cbmc
expect 0 '^  warning  CBMC .*5.1, and version 6' env LABYRINTH_CBMC="$PWD/cbmc" "$labyrinth" doctor --seeds traces
# How the kernel is set up, of another machine.
mkdir -p root/proc/sys/kernel root/sys/devices/system/cpu/cpu{0,1}/cpufreq
echo '|/usr/share/apport %p' >root/proc/sys/kernel/core_pattern
echo performance | tee root/sys/devices/system/cpu/cpu{0,1}/cpufreq/scaling_governor >/dev/null
expect 0 '^  warning  core pattern .*/usr/share/apport %p. hands crashes to another program' "$labyrinth" doctor --seeds traces --root root
expect 0 '^  ok       CPU governor  performance' "$labyrinth" doctor --seeds traces --root root
echo powersave >root/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor
echo core >root/proc/sys/kernel/core_pattern
expect 0 '^  ok       core pattern  core' "$labyrinth" doctor --seeds traces --root root
expect 0 '^  warning  CPU governor  1 of 2 CPUs .*powersave' "$labyrinth" doctor --seeds traces --root root
expect 64 'root' "$labyrinth" doctor --root no-such-directory
expect 64 'seconds' "$labyrinth" doctor --seconds 0
# Ctrl-C, while a target hangs, ends it with what is known by then.
expect 11 'unclear +(loads|interrupts) +interrupted' env LABYRINTH_TEST_DIES=hang timeout --signal=INT --preserve-status 2 \
  "$labyrinth" doctor --target "$build/targets/dying_target.so"
finish
