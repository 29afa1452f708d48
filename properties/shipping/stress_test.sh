#!/usr/bin/env bash
# The stress can fail: threads find mutants, built as they would ship, and so do signals that interrupt one thread alone. Its
# exit codes are those of every verb.
set -euo pipefail
. "$(dirname "$0")/../expect.sh"
. "$(dirname "$0")/../expect_results.sh"
cd "$scratch"
stress=$build/properties/shipping/stress
interrupts=(--threads 1 --interrupts 20000)

# kills NAME CLAUSES OPTIONS...: a violation of one of these. It takes a fraction of a second; the limit is for a machine that
# does much else.
kills() {
  local name=$1 clauses=$2
  shift 2
  expect 10 "^($clauses) is broken: " "$stress-$name" --seconds 120 "$@"
}
# What a lost update breaks depends on whose it was.
lost='X1|X3|X4|X5|E2|E3'
kills lost-update-in-free "$lost" --threads 4
kills live-bit-lost-in-kfree "$lost" --threads 4
kills lost-update-in-free "$lost" "${interrupts[@]}"
kills poison-after-release 'X1|X5|X6' "${interrupts[@]}"
kills slot-without-its-context 'C2' "${interrupts[@]}"
# And it was the signals that found them.
for name in lost-update-in-free poison-after-release; do
  expect 0 '^summary: clean' "$stress-$name" --threads 1 --seconds 0.5
done
expect 10 '^  again: .*stress-lost-update-in-free --geometry tight --threads 3 --interrupts 0 --seed 9 ' \
  "$stress-lost-update-in-free" --geometry tight --threads 3 --seed 9 --seconds 120

expect 0 '"verdict":"clean"' "$stress" --json --seconds 0.3
expect 0 '^summary: clean: 2 threads' "$stress" --threads 2 --calls 1000 --seconds 60
expect 11 'fewer than 1000000 signals landed inside a call' "$stress" "${interrupts[@]}" --seconds 0.3 --least-inside 1000000
# Results for machines, of a finding, of a crash, and of nothing.
expect 10 '' "$stress-lost-update-in-free" --threads 4 --seconds 120 "${both[@]}"
sarif '.runs[0].results | length >= 1 and all(.[]; .level == "error" and .ruleId != null and (.message.text | contains("again: ")))'
expect 0 '' "$stress" --threads 2 --calls 1000 "${both[@]}"
sarif '.runs[0].results == []'
xml 'count(//testcase[not(*)])' 1
expect 11 '' "$stress" "${interrupts[@]}" --seconds 0.3 --least-inside 1000000 "${both[@]}"
xml 'count(//error)' 1
expect 11 'crash outside of any call' timeout --foreground --preserve-status --signal SEGV 1 "$stress" --seconds 600 "${both[@]}"
sarif '.runs[0].results | length == 1 and .[0].level == "warning" and (.[0].message.text | contains("crash outside"))'
expect 64 'threads' "$stress" --threads 0
expect 64 'geometry' "$stress" --geometry round
expect 0 'Exit codes' "$stress" --help
expect 11 'it was cut off' timeout --preserve-status --signal INT 2 "$stress" --seconds 600
finish
