#!/usr/bin/env bash
# Installs the library, moves the tree elsewhere, and builds and runs what a user would build against it: a C program with
# pkg-config and a C compiler alone, a C++ program with pkg-config, a C++ project and a C project with find_package.
#   install_test.sh BUILD-DIRECTORY CXX-COMPILER
set -euo pipefail
build=${1:?usage: $0 BUILD-DIRECTORY CXX-COMPILER}
build=$(cd "$build" && pwd)
cxx=${2:?usage: $0 BUILD-DIRECTORY CXX-COMPILER}
consumer=$(cd "$(dirname "$0")/consumer" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
  echo "install: $1" >&2
  [ ! -s log ] || sed 's/^/    /' log >&2
  exit 1
}
quietly() { "$@" >log 2>&1 || fail "failed: $*"; }
# prints FILE WORDS: the program succeeds, and says that.
prints() {
  "$1" >log 2>&1 || fail "$1 failed with exit code $?"
  grep -Fqx -- "$2" log || fail "$1 did not print: $2"
}

quietly cmake --install "$build" --prefix "$scratch/first-place"
mv first-place prefix
pc=$(find prefix -name labyrinth.pc)
[ -n "$pc" ] || fail "no labyrinth.pc was installed"
export PKG_CONFIG_PATH=$scratch/${pc%/*}
grep -Fqx "set(PACKAGE_VERSION \"$(pkg-config --modversion labyrinth)\")" "$(find prefix -name labyrinthConfigVersion.cmake)" ||
  fail "pkg-config and CMake disagree about the version"

# pkg-config's words are several arguments.
# shellcheck disable=SC2046
quietly gcc-12 -std=c11 -Wall -Wextra -Wpedantic -Werror -O1 "$consumer/first.c" $(pkg-config --cflags --libs labyrinth) -o first-c
prints ./first-c 'freed: ok, and once more: bad_argument'
! ldd first-c | grep -E 'stdc\+\+|libc\+\+|gcc_s' >log || fail "the C program needs a C++ library"

quietly cmake -S "$consumer" -B cxx -G Ninja "-DCMAKE_PREFIX_PATH=$scratch/prefix" "-DCMAKE_CXX_COMPILER=$cxx"
quietly cmake --build cxx
prints cxx/first '8 frames taken, 16376 still free'
prints cxx/first '16384 free again'
prints cxx/first 'no GFP_KERNEL in an atomic section'
prints cxx/handler 'the handler counted 2001000'
prints cxx/handler '1024 frames free'
sed -n '/^It prints/,$s/^    //p' "$consumer/../../../docs/library.md" >shown
cxx/snapshot | diff shown - >log || fail "docs/library.md shows another snapshot than the program prints"

# shellcheck disable=SC2046
quietly "$cxx" -std=c++20 "$consumer/first.cpp" $(pkg-config --cflags --libs labyrinth_userland) -o first-cxx
prints ./first-cxx '16384 free again'

mkdir c
cat >c/CMakeLists.txt <<EOF
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(labyrinth REQUIRED)
add_executable(first "$consumer/first.c")
target_link_libraries(first PRIVATE labyrinth::labyrinth)
EOF
quietly cmake -S c -B c/build -G Ninja "-DCMAKE_PREFIX_PATH=$scratch/prefix" -DCMAKE_C_COMPILER=gcc-12
quietly cmake --build c/build
prints c/build/first 'freed: ok, and once more: bad_argument'
echo "install: C and C++ through pkg-config and find_package, from a tree that was moved"
