# Shared by the tests of results for machines, after expect.sh: what every log and report has to be. Sourced, in a directory
# of one's own.
both=(--sarif found.sarif --junit found.xml)

# What SARIF 2.1.0 asks of every log: sections 3.13, 3.14, 3.18, 3.19, 3.27.
is_sarif='.version == "2.1.0" and (.runs | length) == 1 and (.runs[0].tool.driver.name == "labyrinth") and
  (.runs[0].invocations[0].exitCode | type) == "number" and (.runs[0].invocations[0].executionSuccessful | type) == "boolean" and
  (.runs[0] as $run | all($run.results[]; (.message.text | length) > 0 and (.level | IN("error", "warning", "note")) and
    (.ruleId == null or (.ruleId as $id | any($run.tool.driver.rules[]; .id == $id)))))'
# sarif FILTER: holds of the last log. xml XPATH VALUE: so much is in the last report.
sarif() { expect 0 '^true$' jq "$is_sarif and ($1)" found.sarif; }
xml() { expect 0 "^$2\$" xmllint --xpath "$1" found.xml; }
