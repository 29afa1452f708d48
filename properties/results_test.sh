#!/usr/bin/env bash
# Results for machines: each verb that can find something writes SARIF 2.1.0 and JUnit's XML that say what it says.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
mutant=$build/targets/mutant-lost-update-in-free.so
regression=$source_dir/corpus/regressions/lost-update-in-free.trace
both=(--sarif found.sarif --junit found.xml)

# What SARIF 2.1.0 asks of every log: sections 3.13, 3.14, 3.18, 3.19, 3.27.
is_sarif='.version == "2.1.0" and (.runs | length) == 1 and (.runs[0].tool.driver.name == "labyrinth") and
  (.runs[0].invocations[0].exitCode | type) == "number" and (.runs[0].invocations[0].executionSuccessful | type) == "boolean" and
  (.runs[0] as $run | all($run.results[]; (.message.text | length) > 0 and (.level | IN("error", "warning")) and
    (.ruleId == null or (.ruleId as $id | any($run.tool.driver.rules[]; .id == $id)))))'
# sarif FILTER: holds of the last log. xml XPATH VALUE: so much is in the last report.
sarif() { expect 0 '^true$' jq "$is_sarif and ($1)" found.sarif; }
xml() { expect 0 "^$2\$" xmllint --xpath "$1" found.xml; }

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

# Whole or not at all, and never lost in silence. What is no file is written to as it is.
ln -s linked.sarif link
touch linked.sarif
expect 0 '' "$labyrinth" replay --sarif link --junit /dev/null "$regression"
expect 0 '"version": "2.1.0"' cat linked.sarif
expect 0 '' test -L link -a -c /dev/null
expect 11 'could not be written to no/found.sarif' "$labyrinth" replay --sarif no/found.sarif "$regression"
expect 10 'could not be written' "$labyrinth" replay --target "$mutant" --junit no/found.xml "$regression"
finish
