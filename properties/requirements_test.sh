#!/usr/bin/env bash
# docs/requirements.md tells the truth: every clause of model/ has a row; every row has a property; every file, function and mutant
# a row names is there.
set -euo pipefail
cd "$(dirname "$0")/.."
table=docs/requirements.md
failures=0
complain() { echo "requirements: $1" >&2; failures=$((failures + 1)); }

for clause in $(tr -d '\n' <model/include/labyrinth/model/clause.hpp | sed -n 's/.*enum class Clause[^{]*{ *kNone,\([^}]*\)}.*/\1/p' | tr -d ,); do
  grep -q "^| $clause |" "$table" || complain "clause $clause of model/ has no row in $table"
done
rows=0
while IFS='|' read -r _ id _ clause tests mutant _; do
  id=${id// /}
  [[ $id =~ ^[XNECML][0-9]$ ]] || continue
  rows=$((rows + 1))
  for name in $(grep -o '`[^`]*`' <<<"$clause $tests" | tr -d '`'); do
    if [[ $name == */* ]]; then
      [ -f "$name" ] || complain "$id names $name, which is not there"
    else
      grep -rqw "${name##*::}" model/include machine/src || complain "$id names $name, which nothing in model/ or machine/ defines"
    fi
  done
  grep -q "{\"$id\"," properties/rapid/catalogue.cpp || complain "$id has no property of its name in properties/rapid/catalogue.cpp"
  for test in $(grep -o '`[^`]*`' <<<"$tests" | tr -d '`'); do
    grep -q "$id" "$test" || complain "$id is said to be tested by $test, which does not name it"
  done
  for name in $(grep -o '`[^`]*`' <<<"$mutant" | tr -d '`'); do
    [ -f "proofs/mutants/$name.patch" ] || { complain "$id names the mutant $name, which is not there"; continue; }
    grep -q "Breaks.*$id" "proofs/mutants/$name.patch" || complain "the mutant $name does not say that it breaks $id"
  done
done <"$table"
[ "$rows" -ge 14 ] || complain "only $rows rows were found in $table"
[ "$failures" -eq 0 ] || exit 1
echo "requirements: $rows rows, all true"
