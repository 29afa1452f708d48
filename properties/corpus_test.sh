#!/usr/bin/env bash
# Everything in corpus/ is readable, is canonical enough to print and read again, and replays clean with its whole schedule.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$source_dir"
for trace in corpus/seeds/*.trace corpus/regressions/*.trace; do
  expect 0 'clean' "$labyrinth" replay "$trace"
  cp "$scratch/out" "$scratch/replayed"  # `expect` writes what it runs to out
  # That nothing older can be seen is what the orders of the right code see to.
  expect 1 '' grep -Eq 'not carried out: .*: (cpu|task|softirq|hardirq|nmi|migrate|spurious)' "$scratch/replayed"
  expect 0 '^# ' head -n 1 "$trace"
done
finish
