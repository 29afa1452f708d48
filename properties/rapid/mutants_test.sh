#!/usr/bin/env bash
# Every property can fail: with seed 1 it finds the mutant that it names, by the clause that it names, and holds on the real code
# with the same cases. Takes the build directory.
set -euo pipefail
build=$1
properties=$build/properties/labyrinth_properties
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
sources=$(cd "$(dirname "$0")/../.." && pwd)
quick=false
if grep -q '^LABYRINTH_PROOFS:.*=quick$' "$build/CMakeCache.txt"; then quick=true; fi
failures=0
complain() { echo "properties: $1" >&2; failures=$((failures + 1)); }

killed=0
while IFS=$'\t' read -r id mutant clause cases; do
  if [ "$mutant" = - ]; then
    [[ $id =~ ^(forms|snapshot)$ ]] || complain "$id names no mutant, and only what no target plays a part in may do so"
    continue
  fi
  target=$build/targets/mutant-$mutant.so
  # Under sanitizers those of proofs/broken/ are not built: the search is the same there.
  if $quick && [ ! -f "$target" ] && [ -f "$sources/proofs/broken/$mutant.patch" ]; then continue; fi
  [ -f "$target" ] || { complain "$id: $target has not been built"; continue; }
  code=0
  "$properties" "$id" --target "$target" --seed 1 --cases "$cases" --shrink 300 --findings "$scratch" --json >"$scratch/result" 2>"$scratch/errors" || code=$?
  # In a build with AddressSanitizer, an access of the mutant's beyond its memory ends the program before anybody can judge it.
  if [ "$code" -eq 1 ] && grep -q "ERROR: AddressSanitizer" "$scratch/errors" && grep -q "mutants/$mutant/impl/src/" "$scratch/errors"; then
    echo "$id kills $mutant (AddressSanitizer)"
    killed=$((killed + 1))
    continue
  fi
  cat "$scratch/errors" >&2
  broken=$(jq -r '.properties[0].broken' "$scratch/result")
  file=$(jq -r '.properties[0].file' "$scratch/result")
  [ "$code" -eq 10 ] || { complain "$id does not find $mutant in $cases cases (exit code $code)"; continue; }
  [ "$clause" = - ] || [ "$broken" = "$clause" ] || complain "$id finds $mutant by $broken, and not by $clause"
  [ -f "$file" ] || complain "$id finds $mutant and saves nothing"
  echo "$id kills $mutant ($broken$(jq -r '.properties[0] | if .own then ", by its own statement, too" else "" end' "$scratch/result"), $(jq -r '.properties[0].tried' "$scratch/result") cases)"
  killed=$((killed + 1))
done < <("$properties" --list --json | jq -r '.[] | [.id, (.mutant | if . == "" then "-" else . end), (.clause | if . == "" then "-" else . end), .mutant_cases] | @tsv')

# What is printed first is the case as it failed; then comes the shrunk one, and it fails again by itself.
code=0
"$properties" X3 --target "$build/targets/mutant-lost-update-in-free.so" --seed 1 --findings "$scratch/again" >"$scratch/text" || code=$?
[ "$code" -eq 10 ] || complain "X3 does not find lost-update-in-free when it says so in words (exit code $code)"
grep -q '^X3 fails: seed 1 case' "$scratch/text" || complain "the failing case is not told with its seed"
[ "$(grep -n '^X3 fails' "$scratch/text" | cut -d: -f1)" -lt "$(grep -n '^shrunk from' "$scratch/text" | cut -d: -f1)" ] ||
  complain "the failing case is not printed before shrinking"
number=$(sed -n 's/^X3 fails: seed 1 case //p' "$scratch/text")
again() { code=0; "$@" >"$scratch/text" 2>&1 || code=$?; [ "$code" -eq "$want" ] || complain "exit code $code, not $want, of: $*"; }
want=10 again "$properties" X3 --target "$build/targets/mutant-lost-update-in-free.so" --case "$number" --findings "$scratch/again"
want=10 again "$properties" X3 --target "$build/targets/mutant-lost-update-in-free.so" --trace "$(ls "$scratch"/again/*.trace)" --findings "$scratch/more"
want=10 again "$build/labyrinth" replay --target "$build/targets/mutant-lost-update-in-free.so" "$scratch"/again/*.trace
want=0 again "$properties" X3 --trace "$(ls "$scratch"/again/*.trace)"
want=64 again "$properties" X9
want=64 again "$properties" --cases many
want=66 again "$properties" --trace "$scratch/nothing.trace"
want=66 again "$properties" --target "$scratch/nothing.so"
want=0 again "$properties" --help
[ "$failures" -eq 0 ] || exit 1
echo "properties: $killed mutants killed"
