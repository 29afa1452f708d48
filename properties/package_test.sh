#!/usr/bin/env bash
# Elsewhere, from an installed Labyrinth that was moved: new-target, cmake, and every engine on what they yield; then bugs are
# put into the skeleton's allocator, and the engines find them.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
in_tree=$labyrinth
unset labyrinth_DIR LABYRINTH_TARGET CC CXX

# made TARGET: builds the folder of that name, with what new-target said.
made() { expect 0 '' cmake --build "$1/build" --target "${2:-all}"; }
# started NAME OPTIONS...: a new folder, built as new-target says.
started() {
  local name=$1 says
  shift
  expect 0 '"name": "'"$name"'"' "$labyrinth" new-target --json "$@" "$name"
  says=$(jq -r '.next[0]' <"$scratch/out")
  expect 0 'Generating done' sh -c "$says"
  made "$name"
}

expect 0 'Installing' cmake --install "$build" --prefix "$scratch/first place"
mv 'first place' prefix
labyrinth=$scratch/prefix/bin/labyrinth
expect 0 '^reference$' "$labyrinth" targets
if [ -e prefix/bin/labyrinth_native ]; then expect 0 '^reference: ' prefix/bin/labyrinth_native --seconds 0.2; fi
expect 0 'X3|clean' "$labyrinth" replay prefix/share/labyrinth/corpus/seeds/nested-to-nmi.trace

# Nothing is overwritten, and what is no name is refused.
expect 64 'Required|required' "$labyrinth" new-target
expect 64 'language' "$labyrinth" new-target --language pascal x
expect 64 'is no name for a target' "$labyrinth" new-target '1 2'
expect 0 'labyrinth run --target odd/build/targets/even.so' "$labyrinth" new-target --name even odd
echo mine >odd/README.md
expect 64 'is there already, so nothing was written' "$labyrinth" new-target odd
expect 0 '^mine$' cat odd/README.md
mkdir half && echo mine >half/allocator.hpp
expect 64 'half/allocator.hpp is there already' "$labyrinth" new-target half
expect 0 '^1$' sh -c 'ls half | wc -l'
expect 66 'cannot be written' "$labyrinth" new-target /proc/labyrinth
if [ "$(id -u)" -ne 0 ]; then expect 66 'cannot be written' "$labyrinth" new-target /labyrinth; fi
expect 1 'hooks and counters are clang' cmake -S odd -B odd/build "-Dlabyrinth_DIR=$scratch/prefix/lib/cmake/labyrinth" -DCMAKE_CXX_COMPILER=g++-12

# Both languages, under all engines. The folder's name has a blank nowhere but in the way to it.
for language in c c++; do
  name=mine-${language/++/xx}
  started "$name" --language $language
  target=$name/build/targets/$name.so
  expect 0 "^$name\$" "$labyrinth" targets --target "$target"
  expect 0 'clean' "$labyrinth" replay --target "$target" "$name"/traces/*.trace
  expect 0 '^summary: 5000 executions' "$labyrinth" run --target "$target" --count 5000
  expect 0 '^summary: 2000 executions' "$labyrinth" run --memory rc11 --target "$target" --count 2000
  expect 0 'complete$' "$labyrinth" explore --target "$target" --cpus 2 --calls 1 --handlers 1 --level nmi --flags atomic
  expect 0 'complete$' "$labyrinth" explore --memory rc11 --target "$target" --cpus 2 --calls 1 --flags atomic
  expect 0 'Done 400 runs|DONE' "$labyrinth" fuzz --target "$target" -runs=400 -seed=1
  expect 0 'Done 400 runs|DONE' "$labyrinth" fuzz --harness sequential --target "$target" -runs=400 -seed=1
  expect 0 '^summary: .* 0 broken, 0 unclear' "$labyrinth" doctor --target "$target"
  # Not where sanitizers own the signals.
  if [ -e prefix/bin/labyrinth_native ]; then
    expect 0 "^summary: clean" prefix/bin/labyrinth_native --target "$target" --interrupts 20000 --seconds 0.5 --least-inside 1
    expect 0 "^summary: clean" prefix/bin/labyrinth_native --target "$target" --every-instruction --call free --handler alloc,
  fi
done

# The harnesses of that target know it by their names.
made mine-c mine-c-harnesses
expect 0 'Done 200 runs|DONE' mine-c/build/mine-c-interleaved_fuzzer -runs=200 -seed=1
expect 0 'Done 200 runs|DONE' mine-c/build/mine-c-sequential_fuzzer -runs=200 -seed=1
expect 0 'Done 200 runs|DONE' mine-c/build/mine-c-sequential_sanitized_fuzzer -runs=200 -seed=1
head -c 64 /dev/zero >input
expect 0 '^input: clean$' mine-c/build/mine-c-afl input

# From the build tree, and not from what is installed.
labyrinth=$in_tree
started from-tree
expect 0 'clean' "$labyrinth" replay --target from-tree/build/targets/from-tree.so from-tree/traces/*.trace
expect 0 "" grep -Eqx "labyrinth_DIR:[A-Z]+=$build" from-tree/build/CMakeCache.txt
labyrinth=$scratch/prefix/bin/labyrinth

# broken NAME SCRIPT: the same allocator with an edit, built again.
broken() {
  cp -r mine-cxx/allocator.cpp allocator.cpp
  sed -i -z "$2" mine-cxx/allocator.cpp
  ! cmp -s mine-cxx/allocator.cpp allocator.cpp || expect 0 "the bug $1 changes something" false
  made mine-cxx
}
mended() { mv allocator.cpp mine-cxx/allocator.cpp; }
target=mine-cxx/build/targets/mine-cxx.so

# The claim of a bit as a load and a store.
broken lost-claim 's/if (word.compare_exchange_weak(bits, \(bits | std::uint64_t{1} << bit\),[^{]*{/word.store(\1);\n{/'
expect 10 'X1 is broken' "$labyrinth" replay --target "$target" mine-cxx/traces/*.trace
expect 10 'is broken' "$labyrinth" run --target "$target" --findings run
expect 10 'is broken' "$labyrinth" explore --target "$target" --findings explore --calls 1 --cpus 2 --flags atomic
expect 10 'is broken' "$labyrinth" fuzz --target "$target" --findings fuzz -seed=1 -runs=2000000
expect 10 'violation' "$labyrinth" replay --target "$target" fuzz/*.trace
expect 10 'summary: .* calls' "$labyrinth" minimize --target "$target" --findings small run/*.trace
made mine-cxx mine-cxx-harnesses
expect 77 'is broken' mine-cxx/build/mine-cxx-interleaved_fuzzer -seed=1 -runs=2000000
expect 10 'violation of X1' "$labyrinth" doctor --target "$target" --seeds mine-cxx/traces
mended

# A free that does not publish what its owner did to the frame.
broken no-release 's/fetch_and(~bit, std::memory_order_release)/fetch_and(~bit, std::memory_order_relaxed)/'
expect 10 'M1 is broken' "$labyrinth" run --target "$target" --findings race
expect 10 'M1 is broken' "$labyrinth" explore --target "$target" --findings race --calls 2 --cpus 2 --flags atomic
mended

# One credit too few is given out.
broken off-by-one 's/credits == 0/credits <= 1/'
expect 10 'E2 is broken' "$labyrinth" run --target "$target" --findings few
expect 10 'is broken' "$labyrinth" fuzz --harness sequential --target "$target" --findings few -seed=1 -runs=100000
mended

# docs/your-allocator.md, followed: its files, its CMake line, what it finds, and what mends it.
page() { awk -v name="\`$1\`:$" '$0 ~ name { on = 1; next } on && /^[^ ]/ { exit } on { sub(/^    /, ""); print }' "$source_dir/docs/your-allocator.md"; }
mkdir stack
for file in frame_stack.h frame_stack.c adapter.c; do page "$file" >"stack/$file"; done
page CMakeLists.txt | grep -v '^\$\|^\.\.\.\|^\[' >stack/CMakeLists.txt
target=stack/build/targets/frame-stack.so
expect 0 'Generating done' cmake -G Ninja -S stack -B stack/build -DCMAKE_C_COMPILER=clang-19 "-DCMAKE_PREFIX_PATH=$scratch/prefix"
made stack
expect 10 'X1 is broken' "$labyrinth" run --target "$target" --findings aba
if [ -e prefix/bin/labyrinth_native ]; then expect 10 'X1 is broken' prefix/bin/labyrinth_native --target "$target" --every-instruction --call alloc; fi
expect 10 '^summary: 4 calls of' "$labyrinth" minimize --target "$target" --output aba.trace aba/*.trace
sed -i 's/^uint32_t frame_stack_pop/static uint64_t next_top(uint64_t top, uint32_t frame) { return ((top >> 32) + 1) << 32 | frame; }\n&/
  s/&top, \(next\|frame\)))/\&top, next_top(top, \1)))/' stack/frame_stack.c
made stack
expect 0 'aba.trace: clean' "$labyrinth" replay --target "$target" aba.trace
expect 0 '^summary: 20000 executions' "$labyrinth" run --target "$target" --count 20000
if [ -e prefix/bin/labyrinth_native ]; then expect 0 '^summary: clean: 16 pairs' prefix/bin/labyrinth_native --target "$target" --every-instruction; fi
expect 0 '^summary: 29 programs, .* complete$' "$labyrinth" explore --target "$target" --cpus 2 --calls 2 --handlers 1 --level nmi --flags atomic
finish
