#!/usr/bin/env bash
# Results for machines: each verb that can find something writes SARIF 2.1.0 and JUnit's XML that say what it says.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
. "$(dirname "$0")/expect_results.sh"
cd "$scratch"
mutant=$build/targets/mutant-lost-update-in-free.so
regression=$source_dir/corpus/regressions/lost-update-in-free.trace

cp "$regression" 'a<b>&"c".trace'
expect 10 '' "$labyrinth" replay --target "$mutant" "${both[@]}" 'a<b>&"c".trace' "$source_dir/corpus/seeds/prepaid-words.trace" none.trace
sarif '.runs[0].results | length == 2'
sarif '.runs[0].results[0] | .ruleId == "X3" and .level == "error" and (.message.text | contains("X3 is broken")) and
  .partialFingerprints["signature/v1"] == "X3-drain" and .locations[0].physicalLocation.artifactLocation.uri == "a%3Cb%3E%26%22c%22.trace"'
sarif '.runs[0].results[1] | .level == "warning" and (.message.text | contains("unreadable"))'
sarif '.runs[0].invocations[0].exitCode == 10'
xml 'string(//testsuite/@tests)' 3
xml 'count(//failure[@type="X3"])' 1
xml 'count(//error)' 1
xml 'string(//testcase[1]/@name)' 'a<b>&"c".trace'

expect 0 '' "$labyrinth" replay "${both[@]}" "$regression"
sarif '.runs[0].results == []'
xml 'count(//testcase)' 1
xml 'count(//testcase/*)' 0

expect 10 '' "$labyrinth" run --target "$mutant" --findings f "${both[@]}" --count 200000
sarif '.runs[0].results | length == 1 and .[0].level == "error"'
xml 'string(//testsuite/@failures)' 1
expect 10 '' "$labyrinth" explore --target "$mutant" --findings f --keep-going "${both[@]}" "$regression"
sarif '.runs[0].results | length >= 1'
xml 'string(//testsuite/@errors)' 0
expect 11 '' "$labyrinth" explore --executions 1 "${both[@]}" "$regression"
sarif '.runs[0].results | length == 1 and .[0].level == "warning"'
xml 'count(//error)' 1
expect 0 '' "$labyrinth" prove watermarks --findings f "${both[@]}"
sarif '.runs[0].results == []'
xml 'string(//testcase/@name)' watermarks
mkdir -p corpus/seeds corpus/regressions
cp "$regression" corpus/regressions/
expect 11 '' "$labyrinth" corpus check --corpus corpus "${both[@]}"
sarif '.runs[0].results | length > 0 and all(.[]; .level == "warning")'

# libFuzzer ends its process at what it finds, and the results are there all the same; so they are of a crash without a verdict.
expect 10 'X[0-9]' "$labyrinth" fuzz --target "$mutant" --findings found "${both[@]}" -seed=1 -max_total_time=60
sarif '.runs[0].results | length == 1 and .[0].level == "error" and (.[0].ruleId | test("^[XE]")) and (.[0].message.text | contains("is broken"))'
sarif '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri | test("/found/.*[.]trace$")'
xml 'count(//failure)' 1
expect 10 '' "$labyrinth" fuzz --target "$mutant" --findings found "${both[@]}" -fork=1 -seed=1 -max_total_time=120
sarif '.runs[0].results | length >= 1'
expect 0 '' "$labyrinth" fuzz "${both[@]}" -seed=1 -runs=1000
sarif '.runs[0].results == []'
xml 'count(//testcase)' 1
expect 10 'deadly signal|DEADLYSIGNAL' env LABYRINTH_TEST_DIES=signal "$labyrinth" fuzz --target "$build/targets/dying_target.so" --findings found "${both[@]}" -seed=1 -runs=100000
# (AddressSanitizer tells of it before it ends the process, and then there are two.)
sarif '.runs[0].results | length >= 1 and all(.[]; .ruleId == null and .level == "error")'
sarif '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri | test("found/(died-SIGSEGV|sanitizer).*[.]trace$")'
# Killed: nothing. Interrupted: what is known.
rm -f found.sarif found.xml
expect 137 '' timeout --foreground -s KILL 1 "$labyrinth" fuzz "${both[@]}" -seed=1
expect 0 '^0$' sh -c 'ls | grep -c found[.] || true'
expect 11 'interrupted' timeout --preserve-status -s INT 1 "$labyrinth" fuzz "${both[@]}" -seed=1
xml 'string(//error/@message)' 'stopped by Ctrl-C'
expect 66 '' "$labyrinth" fuzz --target none.so --sarif never.sarif
expect 1 '' test -e never.sarif

# A campaign, when it ends and whenever it is asked.
expect 10 '' "$labyrinth" fuzz start campaign --target "$mutant" --libfuzzer 1 --afl 0 --signatures 1 --time 60s "${both[@]}"
sarif '.runs[0].results | length >= 1 and all(.[]; .ruleId != null and .level == "error")'
cp found.sarif ended.sarif
expect 10 '' "$labyrinth" fuzz status campaign "${both[@]}"
expect 0 '' cmp ended.sarif found.sarif
expect 0 '' test "$(xmllint --xpath 'count(//testcase)' found.xml)" = "$(xmllint --xpath 'count(//failure)' found.xml)"
expect 0 '' "$labyrinth" fuzz start quiet --libfuzzer 1 --afl 0 --executions 1000 "${both[@]}"
sarif '.runs[0].results == []'
xml 'count(//testcase)' 1

# What was found before: triage and minimize.
expect 10 '' "$labyrinth" corpus triage --target "$mutant" --findings f "${both[@]}" campaign/findings "$source_dir/corpus/seeds/prepaid-words.trace"
sarif '.runs[0].results | length >= 1 and all(.[]; .ruleId != null)'
xml 'count(//testcase[not(*)])' 1
expect 0 '' "$labyrinth" corpus triage "${both[@]}" campaign/findings
sarif '.runs[0].results == []'
expect 10 '' "$labyrinth" minimize --target "$mutant" --findings f "${both[@]}" "$regression"
sarif '.runs[0].results | length == 1 and .[0].ruleId == "X3"'
expect 0 'nothing to minimize' "$labyrinth" minimize "${both[@]}" "$regression"
xml 'count(//testcase[not(*)])' 1

# The doctor: what is broken, with how to mend it; a warning is a note, which fails nothing.
expect 10 '' "$labyrinth" doctor --target "$build/targets/plain/reference.so" --seeds "$regression" "${both[@]}"
sarif '[.runs[0].results[] | select(.level == "error")] | length == 1 and (.[0].message.text | contains("target: hooks") and contains("-> name the one with hooks"))'
xml 'count(//failure)' 1
expect 0 '' "$labyrinth" doctor --seeds "$regression" "${both[@]}"
sarif '.runs[0].results | all(.[]; .level == "note")'
xml 'string(//testsuite/@failures)' 0

# Mutants: a case for each engine, a note for one that finds nothing where another one does, a warning for a survivor.
table=("$labyrinth" mutants --sources "$source_dir" --build "$build" poison-after-release)
expect 0 '' "${table[@]}" --engine replay --engine run --seconds 5 "${both[@]}"
xml 'count(//testcase)' 2
xml 'string(//testcase[skipped]/@name)' 'poison-after-release by run'
sarif '.runs[0].results | length == 1 and .[0].level == "note"'
expect 11 'survived' "${table[@]}" --engine run --seconds 0.5 "${both[@]}"
sarif '[.runs[0].results[] | select(.level == "warning")] | length == 1 and (.[0].message.text | contains("survived every engine"))'
xml 'count(//error)' 1

# Properties.
properties=$build/properties/labyrinth_properties
expect 10 '' "$properties" X3 --target "$mutant" --findings f "${both[@]}"
sarif '.runs[0].results | length == 1 and .[0].ruleId == "X3"'
expect 0 '' "$properties" X3 X1 --cases 200 "${both[@]}"
xml 'count(//testcase[not(*)])' 2

# Whole or not at all, and never lost in silence. What is no file is written to as it is.
ln -s linked.sarif link
touch linked.sarif
expect 0 '' "$labyrinth" replay --sarif link --junit /dev/null "$regression"
expect 0 '"version": "2.1.0"' cat linked.sarif
expect 0 '' test -L link -a -c /dev/null
expect 11 'could not be written to no/found.sarif' "$labyrinth" replay --sarif no/found.sarif "$regression"
expect 10 'could not be written' "$labyrinth" replay --target "$mutant" --junit no/found.xml "$regression"
finish
