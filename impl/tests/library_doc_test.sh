#!/usr/bin/env bash
# docs/library.md quotes each file of impl/tests/consumer/, whole and as it is, and no other C, C++ or CMake code: what stands
# there has been built and run by install_test.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
page=docs/library.md
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
complain() { echo "library_doc: $1" >&2; failures=$((failures + 1)); }

awk -v dir="$scratch" '
  /^```(c|cpp|cmake)$/ { file = dir "/block-" NR + 1; next }
  /^```$/ { file = "" }
  file != "" { print > file }' "$page"
for file in impl/tests/consumer/*; do
  found=false
  for block in "$scratch"/block-*; do
    if cmp -s "$file" "$block"; then found=true && rm "$block"; fi
  done
  $found || complain "$page does not quote $file as it is"
done
for block in "$scratch"/block-*; do
  [ ! -e "$block" ] || complain "$page:${block##*-}: this code is no file of impl/tests/consumer/"
done
[ "$failures" -eq 0 ] || exit 1
echo "library_doc: all programs of $page are as tested"
