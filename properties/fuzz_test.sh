#!/usr/bin/env bash
# `labyrinth fuzz`: libFuzzer reaches the harness in the process itself and in every kind of child it starts; what it finds is
# saved as a trace that replays; the real code stays clean.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
mutant=$build/targets/mutant-watermark-off-by-one.so
mkdir corpus merged

expect 0 'Done 20000 runs' "$labyrinth" fuzz -runs=20000 -seed=1 corpus
expect 0 '^[1-9]' sh -c 'ls corpus | wc -l'
expect 0 'MERGE-OUTER: [0-9]+ new files' "$labyrinth" fuzz -merge=1 merged corpus
expect 0 '^[1-9]' sh -c 'ls merged | wc -l'
expect 0 'exited with code 0|Job 1' "$labyrinth" fuzz -jobs=2 -workers=2 -runs=2000 -seed=1
expect 0 'Done 2000 runs' cat fuzz-0.log fuzz-1.log
expect 0 'cov:' "$labyrinth" fuzz -fork=1 -max_total_time=3 corpus

expect 10 '(E1|C3) is broken' "$labyrinth" fuzz --target "$mutant" --findings found -seed=1 -max_total_time=60
expect 10 '"signature":"(E1|C3)-' "$labyrinth" fuzz --json --target "$mutant" --findings found -seed=1 -max_total_time=60
expect 10 'violation of (E1|C3)' "$labyrinth" replay --target "$mutant" found/*.trace
expect 0 '' sh -c 'ls found/crash-*'
# libFuzzer's own minimiser runs children, each of which has to reach the harness and break the same clause.
expect 0 'CRASH_MIN' "$labyrinth" fuzz --target "$mutant" --findings found -minimize_crash=1 -runs=300 -exact_artifact_path=minimized \
  "$(ls found/crash-*)"
expect 10 '(E1|C3) is broken' "$labyrinth" fuzz --target "$mutant" --findings found minimized
expect 0 'unknown|INFO|Usage' "$labyrinth" fuzz -help=1
# Ctrl-C in the middle of a run is nobody's fault.
expect 11 'run interrupted' timeout --preserve-status -s INT 1 "$labyrinth" fuzz -seed=1 --findings interrupted
expect 0 '^0$' sh -c 'ls interrupted 2>/dev/null | grep -c died || true'
finish
