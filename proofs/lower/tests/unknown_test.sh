#!/usr/bin/env bash
# What the lowering does not know is an error with its words and no output: the sections of unknown.ll, each alone, and IR
# that is broken or for another machine.
#   unknown_test.sh BUILD-DIRECTORY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: $0 BUILD-DIRECTORY}" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tests=0
failures=0

refuses() {
  local words=$1 file=$2 code=0
  tests=$((tests + 1))
  rm -f "$scratch/out.c"
  "$build/labyrinth-lower" --as-is "$file" -o "$scratch/out.c" >"$scratch/log" 2>&1 || code=$?
  if [ $code -ne 1 ] || ! grep -Eq -- "$words" "$scratch/log" || [ -e "$scratch/out.c" ] || [ -e "$scratch/out.c.part" ]; then
    echo "FAILED: exit code $code, wanted 1, no output, and the words: $words"
    { cat "$scratch/log"; tail -n +5 "$file"; } | head -n 12 | sed 's/^/    /'
    failures=$((failures + 1))
  fi
}

awk -v to="$scratch/case" '/^;;; /{ ++n; sub(/^;;; /, ""); print > (to n ".words"); next } n { print > (to n ".body") }' \
  "$here/unknown.ll"
for words in "$scratch"/case*.words; do
  cat "$here/prelude.ll" "${words%.words}.body" >"$scratch/in.ll"
  refuses "does not know .*($(cat "$words"))" "$scratch/in.ll"
done

printf 'define void @proof() {\n  ret void\n}\n' >"$scratch/body"
{ echo 'target datalayout = "E-p:64:64"'; cat "$scratch/body"; } >"$scratch/in.ll"
refuses 'does not know a machine' "$scratch/in.ll"
{ echo 'target datalayout = "e-p:32:32"'; cat "$scratch/body"; } >"$scratch/in.ll"
refuses 'does not know a machine' "$scratch/in.ll"
echo 'define void @other() { ret void }' >"$scratch/in.ll"
refuses 'defines no function proof' "$scratch/in.ll"
echo 'define void @proof() { ret i32 }' >"$scratch/in.ll"
refuses 'error' "$scratch/in.ll"
printf 'define i32 @proof() {\n  %%a = add i32 %%b, 1\n  %%b = add i32 %%a, 1\n  ret i32 %%b\n}\n' >"$scratch/in.ll"
refuses 'no valid IR' "$scratch/in.ll"
echo "$((tests - failures)) of $tests unknown things are refused"
[ $failures -eq 0 ]
