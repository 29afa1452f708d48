#!/usr/bin/env bash
# What is undefined in C++ is reported where it happens: CBMC over the functions of undefined/*.cpp, each of which must fail
# on the lines whose comment names it, with these words, and nowhere else; and the functions NAME_defined must hold.
#   undefined_test.sh BUILD-DIRECTORY
# A comment `UNDEFINED NAME in FILE: WORDS` says that it is found in a file of that name, be it on any line.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

decide() {
  local file=$1 function=$2 code=0
  local source=$here/undefined/$file.cpp wrong=''
  local scratch
  scratch=$(mktemp)
  "$cbmc" "$build/proofs/lower/tests/undefined-$file.c" --function "$function" --no-standard-checks --bounds-check \
    --pointer-check --unwind 9 --unwinding-assertions --slice-formula --json-ui >"$scratch" 2>&1 || code=$?
  local found
  found=$(jq -r '.[].result? // empty | .[] | select(.status == "FAILURE") |
    .sourceLocation.file + ":" + .sourceLocation.line + ": " + .description' "$scratch" 2>&1 | sort -u) || code=6
  rm -f "$scratch"
  if [[ $function == *_defined ]]; then
    [ $code -eq 0 ] || wrong="exit code $code, wanted 0"
  elif [ $code -ne 10 ] || [ -z "$found" ]; then
    wrong="exit code $code, wanted 10"
  fi
  local matched=0 failure
  while IFS= read -r failure; do
    [ -n "$failure" ] || continue
    local line=${failure%%: *}
    local path=${line%:*}
    local comment words
    if [ "$path" = "$source" ]; then
      comment=$(sed -n "${line##*:}p" "$source")
    else
      comment=$(grep -E "UNDEFINED $function in ${path##*/}:" "$source" || true)
    fi
    words=${comment##*: }
    # One thing that is wrong may break several checks of a line.
    [[ $comment =~ UNDEFINED.*\ $function(\ .*)?: ]] || wrong=${wrong:-what it reports is elsewhere}
    [[ ${failure#*: } != *"$words"* ]] || matched=$((matched + 1))
  done <<<"$found"
  [ -n "$wrong" ] || [ $matched -gt 0 ] || [[ $function == *_defined ]] || wrong="it is not reported in these words"
  if [ -n "$wrong" ]; then
    echo "FAILED: $file.cpp: $function: $wrong; it found:"
    printf '    %s\n' "$found"
    return
  fi
  echo ok
}

if [ "${1:-}" = --one ]; then
  build=$2 cbmc=$3
  decide "$4" "$5"
  exit
fi
build=$(cd "${1:?usage: $0 BUILD-DIRECTORY}" && pwd)
cbmc=$("$here/../../../ci/cbmc" --where)
runs=()
for source in "$here"/undefined/*.cpp; do
  while read -r function; do
    runs+=("$(basename "$source" .cpp)" "$function")
  done < <(sed -n '/^extern "C" {/,$s/^void \([a-z_]*\)().*/\1/p' "$source")
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf '%s\0' "${runs[@]}" | xargs -0 -n 2 -P "$(nproc)" "$0" --one "$build" "$cbmc" >"$log" 2>&1 || true
grep -v '^ok$' "$log" || true
good=$(grep -c '^ok$' "$log" || true)
echo "$good of $((${#runs[@]} / 2)) programs are judged as they must be"
[ "$good" -eq $((${#runs[@]} / 2)) ]
