#!/usr/bin/env bash
# A target that crashes, hangs, calls exit or writes over its process's memory, and that under some schedules only, ends in a
# verdict about the target with the trace saved: each verb, each way to die. No campaign is lost, no exit code is the target's.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0:detect_leaks=0  # a sanitizer would make an exit code of it
cd "$scratch"
reference=$build/targets/reference.so
dying=$build/targets/dying_target.so

mkdir programs
printf 'labyrinth trace 1\nmachine cpus=2 frames=4 zone=normal:4 min=0 low=0 high=0\ntask 0 cpu 0\n  a = alloc atomic order=0\ntask 1 cpu 1\n  b = alloc atomic order=0\n' \
  >programs/two.trace
shape=(--cpus 2 --calls 1 --flags atomic)

# Without a word of how, it is right.
expect 0 '^summary: 20000 executions' "$labyrinth" run --target "$dying" --count 20000
expect 0 'complete$' "$labyrinth" explore --target "$dying" "${shape[@]}"

# The trace that a verb has saved, alone in the folder.
saved() { expect 0 "^1 $1\$" sh -c "echo \$(ls '$2' | wc -l) \$(ls '$2' | sed 's/-[0-9a-f]*\\.trace\$//')"; }
ways=(signal hang exit heap)
declare -A name=([signal]=died-SIGSEGV [hang]=died-timeout [exit]=died-exit-3 [heap]='died-SIG[A-Z]+')
declare -A words=([signal]='kills the process: SIGSEGV' [hang]='does not end' [exit]='ends the process by itself, with code 3' [heap]='kills the process: SIG')
for way in "${ways[@]}"; do
  export LABYRINTH_TEST_DIES=$way
  limit=()
  [ "$way" != hang ] || limit=(--timeout 1)
  expect 10 "The run ${words[$way]}" "$labyrinth" run --target "$dying" "${limit[@]}" --findings "run-$way" --sarif sarif
  saved "${name[$way]}" "run-$way"
  expect 0 "${name[$way]}" cat sarif
  trace=$(ls "run-$way"/*.trace)
  expect 10 "The run ${words[$way]}" "$labyrinth" replay --target "$dying" "${limit[@]}" programs/two.trace "$trace"
  expect 0 '^summary: 3 traces, 3 clean$' env -u LABYRINTH_TEST_DIES "$labyrinth" replay --target "$dying" programs/two.trace "$trace" programs/two.trace
  expect 10 '^summary: 3 traces, 2 clean$' "$labyrinth" replay --target "$dying" "${limit[@]}" programs/two.trace "$trace" programs/two.trace
  expect 10 "${name[$way]}" "$labyrinth" replay --json --target "$dying" "${limit[@]}" "$trace"
  # Each candidate that still hangs takes as long as that.
  expect 10 "The run ${words[$way]}" "$labyrinth" minimize --target "$dying" "${limit[@]/1/0.4}" --findings "minimize-$way" "$trace"
  cp out printed
  expect 0 "^summary: 2 calls of [0-9]+, [0-9]+ departures of [0-9]+, after [0-9]+ tries; in minimize-$way/${name[$way]}-min-" cat printed
  expect 10 "The run ${words[$way]}" "$labyrinth" replay --target "$dying" "${limit[@]}" "minimize-$way"/*.trace
  for jobs in 1 2; do
    expect 10 "The run ${words[$way]}" "$labyrinth" explore --target "$dying" "${limit[@]}" "${shape[@]}" --jobs $jobs --findings "explore-$way-$jobs"
    saved "${name[$way]}" "explore-$way-$jobs"
    expect 10 "${words[$way]}" "$labyrinth" replay --target "$dying" "${limit[@]}" "explore-$way-$jobs"/*.trace
  done
  expect 10 "The run ${words[$way]}" "$labyrinth" fuzz --target "$dying" --findings "fuzz-$way" -seed=1 -runs=200000 -timeout=1
  expect 10 "The run ${words[$way]}" "$labyrinth" replay --target "$dying" "${limit[@]}" "fuzz-$way"/died-*.trace
  # The other side is right: only NEW dies, under a schedule that exploring, or chance, comes to.
  expect 10 "${words[$way]}" "$labyrinth" audit "${limit[@]}" --corpus programs --seconds 0 --executions 200 --findings "audit-$way" "$reference" "$dying"
  expect 10 "${words[$way]}" "$labyrinth" replay --target "$dying" "${limit[@]}" "audit-$way"/*.trace
done
export LABYRINTH_TEST_DIES=signal
expect 10 'found +fuzzed, seed 1' "$labyrinth" audit --corpus programs --seconds 5 --executions 0 "$reference" "$dying"
expect 0 'something got better' "$labyrinth" audit --corpus programs --seconds 0 --executions 200 "$dying" "$reference"

# A campaign goes on, keeps the inputs, and triage makes traces of them.
expect 10 '^process-[a-z-]+ +[1-9]' "$labyrinth" fuzz start campaign --target "$dying" --time 3s
expect 10 '^died-SIGSEGV: [1-9]' "$labyrinth" corpus triage --target "$dying" --findings triage campaign/crashes
saved died-SIGSEGV triage

# Nor is it a target if it ends the process that loads it.
export LABYRINTH_TEST_DIES=loading
for verb in run explore fuzz; do
  expect 66 'is no target that can be loaded: doing so kills the process: SIGABRT' "$labyrinth" $verb --target "$dying"
done
expect 66 'is no target that can be loaded' "$labyrinth" replay --target "$dying" programs/two.trace

# Whoever kills the process from outside says nothing of the target.
unset LABYRINTH_TEST_DIES
killed() {
  local pid child code=0
  "$labyrinth" run --count 1000000000 --target "$dying" &
  pid=$!
  sleep 1
  read -r child <"/proc/$pid/task/$pid/children"
  kill -KILL "$child"
  wait $pid || code=$?
  return $code
}
expect 11 'killed from outside, by SIGKILL' killed
# ended_after SECONDS COMMAND...: what Ctrl-C does.
ended_after() {
  local seconds=$1 pid code=0
  shift
  "$@" &
  pid=$!
  sleep "$seconds"
  kill -TERM $pid
  wait $pid || code=$?
  return $code
}
expect 11 'interrupted$' ended_after 1 "$labyrinth" run --count 1000000000 --target "$dying"
export LABYRINTH_TEST_DIES=hang
expect 10 'stopped early: it may get smaller.*; in stopped/died-timeout-min-' \
  ended_after 3 "$labyrinth" minimize --target "$dying" --timeout 0.7 --findings stopped run-hang/*.trace
finish
