#!/usr/bin/env bash
# The command's verbs, exit codes and manners: what is wrong is said with its place, nothing is overwritten, Ctrl-C reports.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
mutant=$build/targets/mutant-lost-update-in-free.so
regression=$source_dir/corpus/regressions/lost-update-in-free.trace

expect 64 'subcommand' "$labyrinth"
expect 64 'frobnicate' "$labyrinth" frobnicate
expect 64 'count' "$labyrinth" run --count many
expect 64 'from 0 on' "$labyrinth" run --count -1
expect 0 'replay' "$labyrinth" --help
expect 11 'could not be printed' sh -c "'$labyrinth' targets >/dev/full"
expect 64 'strategy: .*surw' "$labyrinth" run --strategy round-robin
expect 64 'depth' "$labyrinth" run --strategy pct --depth 0
expect 0 'strategy .*walk' "$labyrinth" run --help
expect 0 'labyrinth run --strategy pct' "$labyrinth" run --help
for verb in replay run explore minimize targets fuzz; do expect 0 'labyrinth '$verb "$labyrinth" $verb --help; done
expect 0 '^reference' "$labyrinth" targets

# Input that cannot be read: exit code 66, and line and column where there are any.
expect 66 'no-such-file: cannot be read' "$labyrinth" replay no-such-file
expect 66 '/dev/zero: is no regular file' "$labyrinth" replay /dev/zero
expect 66 'is no regular file' "$labyrinth" replay .
mkfifo pipe
expect 66 'is no regular file' "$labyrinth" replay pipe
printf 'labyrinth trace 1\nmachine cpus=2 frames=0\n' >bad
expect 66 '^bad:2:[0-9]+: ' "$labyrinth" replay bad
printf 'labyrinth trace 7\n' >future
expect 66 '^future:1:[0-9]+: .*1' "$labyrinth" replay future
head -c 3000000 /dev/zero | tr '\0' 'a' >long
expect 66 '^long:1:' "$labyrinth" replay long
head -c 100000 /dev/urandom >noise
expect 66 '^noise:[0-9]+:[0-9]+: ' "$labyrinth" replay noise
expect 66 'cannot load the target' "$labyrinth" replay --target nothing.so "$regression"
expect 66 'no target|cannot load' "$labyrinth" replay --target "$regression" "$regression"
expect 66 'is no target' "$labyrinth" replay --target "$build/targets/hooks_clang.so" "$regression"
expect 66 'clean' "$labyrinth" replay bad "$regression"
expect 10 'violation' "$labyrinth" replay --target "$mutant" bad "$regression"

# A finding: the timeline, the clause in words, the commands to paste; saved, and never over another file.
expect 0 'clean' "$labyrinth" replay "$regression"
expect 10 'X3 is broken: free is total and exact' "$labyrinth" replay --target "$mutant" "$regression"
expect 10 'labyrinth minimize --target .*mutant-lost-update-in-free.so' "$labyrinth" replay --target "$mutant" "$regression"
expect 10 'step  cpu  context' "$labyrinth" replay --target "$mutant" "$regression"
expect 10 '"clause": "X3"' "$labyrinth" replay --json --target "$mutant" "$regression"
expect 10 'task 1' "$labyrinth" replay --target "$mutant" "$regression"
expect 10 'labyrinth replay' "$labyrinth" run --target "$mutant" --seed 3 --count 200000
found=$(ls findings/*.trace)
expect 10 'violation' "$labyrinth" replay --target "$mutant" "$found"
cp "$found" before
expect 10 'labyrinth replay' "$labyrinth" run --target "$mutant" --seed 3 --count 200000
expect 0 '' cmp "$found" before
expect 0 '^1$' sh -c 'ls findings | wc -l'
echo "not the same" >"$found"
expect 10 'labyrinth replay' "$labyrinth" run --target "$mutant" --seed 3 --count 200000
expect 0 '^not the same$' cat "$found"
expect 0 '^2$' sh -c 'ls findings | wc -l'
cp before "$found"

# Exploring: complete and clean, cut off, or a finding that replays.
expect 64 'no flag .frob' "$labyrinth" explore --flags frob
expect 64 'softirq, hardirq or nmi' "$labyrinth" explore --level task
expect 66 'no-such-file: cannot be read' "$labyrinth" explore no-such-file
expect 0 'summary: 3 programs, 20 executions .* complete$' "$labyrinth" explore --calls 1
expect 0 '"complete": true' "$labyrinth" explore --calls 1 --json
# The reduction reaches every trace that the enumeration of all orders does: these are the enumeration's counts.
traces() { "$labyrinth" explore --json --count-traces "$@" | jq '.traces'; }
expect 0 '^20$' traces --calls 1
expect 0 '^20$' traces --calls 1 --no-reduction
for shape in '--cpus 1 --calls 2 --handlers 1' '--cpus 1 --calls 2 --handlers 2 --level softirq --level hardirq' \
  '--calls 1 --order 2 --flags kernel --flags atomic' '--cpus 1 --tasks 2 --idle 1 --calls 1 --order 2'; do
  # shellcheck disable=SC2086  # the options are words
  expect 0 "^$(traces $shape --no-reduction)\$" traces $shape
done
expect 0 '^summary: 7 programs' "$labyrinth" explore --calls 1 --handlers 1 --level softirq --flags 'high|memalloc'
expect 11 'not complete: the limit on executions' "$labyrinth" explore --calls 2 --executions 2
expect 11 'not complete: .*limit within the run' "$labyrinth" explore --calls 1 --depth 3
expect 11 'not complete: more preemptions' "$labyrinth" explore --calls 1 --preemptions 0
expect 0 'complete$' "$labyrinth" explore --calls 1 --preemptions 9
# Who polls and gives up does so although others could go on; who waits for good is held back; who cannot be told from
# the other is followed for a while. Whoever takes part in the search.
polling=(explore --target "$build/targets/polling_target.so" --findings polled --calls 1)
for jobs in 1 2; do
  expect 10 'E3 is broken: contended' "$labyrinth" "${polling[@]}" --flags atomic --jobs $jobs
  expect 0 'complete$' "$labyrinth" "${polling[@]}" --flags kernel --jobs $jobs
  expect 11 'not complete: a loop that might end by itself .*--rounds N' "$labyrinth" "${polling[@]}" --flags memalloc --jobs $jobs
  expect 10 'E3 is broken: contended' "$labyrinth" "${polling[@]}" --flags memalloc --rounds 1001 --jobs $jobs
done
expect 11 '"loops_not_followed": [1-9]' "$labyrinth" "${polling[@]}" --flags memalloc --json
expect 11 'stopped: the same command goes on from polled.json' "$labyrinth" "${polling[@]}" --flags memalloc --seconds 0.001 --resume polled.json
expect 11 'not complete: a loop that might end by itself .*--rounds N' "$labyrinth" "${polling[@]}" --flags memalloc --resume polled.json
# Graphs under rc11: as many as without reduction, and what only they show is found, replayed, and gone on with.
expect 0 "^$(traces --calls 1 --memory rc11 --no-reduction)\$" traces --calls 1 --memory rc11
weak=$source_dir/corpus/regressions/ready-before-address.trace
late=$build/targets/mutant-ready-before-address.so
expect 10 'C2 is broken' "$labyrinth" explore --target "$late" --findings weak "$weak"
expect 10 'violation' "$labyrinth" replay --target "$late" weak/C2-*.trace
expect 0 'complete$' "$labyrinth" explore --memory sc --target "$late" "$weak"
expect 0 '^memory rc11' cat weak/C2-*.trace
expect 10 'C2 is broken' "$labyrinth" run --memory rc11 --target "$late" --findings weak --count 100000 "$weak"
expect 64 'memory: tso not in {sc,rc11}' "$labyrinth" explore --memory tso
expect 0 '^alone, [0-9]+ runs: steps/declared by order: alloc 0:8/27; free 0:2/2$' "$labyrinth" explore --alone
# Each history as a whole: what an order of its calls explains, what none does, and what is left to others.
expect 0 '^linearizability: 20 histories are explained by an order of their calls, 0 by none, 0 not judged$' \
  "$labyrinth" explore --calls 1 --linearizability
expect 10 '^linearizability: 35 .*, 8 by none \(8 of them broke an online rule, too\), 0 not judged' \
  "$labyrinth" explore --linearizability --keep-going --target "$mutant" --findings whole "$regression"
expect 10 '^violation L1-alloc-task: ' "$labyrinth" explore --linearizability --keep-going --findings whole \
  --target "$build/targets/mutant-watermark-off-by-one.so" --calls 2 --flags atomic --flags memalloc
expect 0 'clean' "$labyrinth" replay --target "$build/targets/mutant-watermark-off-by-one.so" whole/L1-*.trace
expect 0 'not judged \(the program maps frames: ' "$labyrinth" explore --linearizability "$source_dir/corpus/regressions/slot-without-its-context.trace"
expect 11 'interrupted' timeout --preserve-status -s INT 1 "$labyrinth" explore --cpus 3 --calls 3
# A stopped search goes on where it was, and in the end has done what an undisturbed one does.
expect 11 'stopped: the same command goes on from stopped.json' "$labyrinth" explore --cpus 3 --calls 1 --order 6 --seconds 0.001 --resume stopped.json
expect 66 'is another search' "$labyrinth" explore --cpus 3 --calls 1 --order 0 --resume stopped.json
expect 0 "$("$labyrinth" explore --cpus 3 --calls 1 --order 6 | grep -o '^summary: .* redundant,')" "$labyrinth" explore --cpus 3 --calls 1 --order 6 --resume stopped.json
expect 2 'No such file' ls stopped.json
echo '{}' >stopped.json
expect 66 'is no search that was stopped' "$labyrinth" explore --calls 1 --resume stopped.json
expect 10 'X3 is broken' "$labyrinth" explore --target "$mutant" --findings explored "$regression"
expect 10 'violation' "$labyrinth" replay --target "$mutant" explored/X3-*.trace
expect 10 'violations?": .*|X3' "$labyrinth" explore --target "$mutant" --findings explored --json "$regression"

# Patterns of programs: with the one, without it, and all; where each call is looked for; what none is.
shape=(--calls 2 --order 0 --order 2)
programs() { "$labyrinth" explore "${shape[@]}" "$@" | grep -oP '^summary: \K[0-9]+'; }
pattern='0|free,2/any,0|free'
expect 0 "^$(($(programs) - $(programs --except "$pattern")))\$" programs --only "$pattern"
expect 0 '^left out: 12 programs of 0\|free,2/any,0\|free$' "$labyrinth" explore "${shape[@]}" --except "$pattern"
expect 0 '^2$' programs --only 0,free/2,0 --only free,0/2,2
expect 11 'not complete: --only and --except leave no program$' "$labyrinth" explore --only 0,0/2,0
expect 0 '^ *"0,0/any,free"$' "$labyrinth" explore --json --except 0,0/any,free
expect 64 'only: .0,0/0. is of contexts of 2/1 calls; the programs have such of 2/2/1 ' "$labyrinth" explore --handlers 1 --only 0,0/0
expect 64 'except: .0|11. is no call: an order, free or any' "$labyrinth" explore --except '0|11,0/0,0'
expect 11 'stopped: ' "$labyrinth" explore --cpus 3 --calls 1 --order 6 --only any/any/6 --seconds 0.001 --resume part.json
expect 66 'is another search' "$labyrinth" explore --cpus 3 --calls 1 --order 6 --resume part.json

# Several processes, on programs or on parts of one, come to what one does; findings are found, and told of once.
seed=$source_dir/corpus/seeds/device-rooms.trace
count() { "$labyrinth" explore "$@" | grep -o '^summary: .* executions'; }
expect 0 "^$(count --cpus 3 --calls 1 --order 6)\$" count --cpus 3 --calls 1 --order 6 --jobs 2
expect 0 "^$(count "$seed" "$regression")\$" count "$seed" "$regression" --jobs 3
expect 0 "^$(traces --cpus 3 --calls 1)\$" traces --cpus 3 --calls 1 --jobs 2
expect 0 "^$("$labyrinth" explore --alone | grep ^alone)" "$labyrinth" explore --alone --jobs 2
expect 0 'complete$' "$labyrinth" explore --calls 1 --preemptions 9 --jobs 2
expect 11 'not complete: the limit on executions' "$labyrinth" explore --calls 2 --executions 2 --jobs 2
expect 11 'interrupted' timeout --preserve-status -s INT 1 "$labyrinth" explore --cpus 3 --calls 3 --jobs 2
expect 10 'X3 is broken' "$labyrinth" explore --target "$mutant" --findings shared --jobs 2 "$regression"
expect 10 'violation' "$labyrinth" replay --target "$mutant" shared/X3-*.trace
expect 10 '^violation X3-drain: 72 times' "$labyrinth" explore --target "$mutant" --findings shared --jobs 2 --order 2 --flags kernel --keep-going

# Stopped, they leave one file for any number of them; and it can be cut, for several machines.
heavy=(--cpus 2 --calls 3 --order 2 --frames 8 --flags kernel --first 0 --every 1000)
whole=$(count "${heavy[@]}")
expect 11 'stopped: the same command goes on from jobs.json' "$labyrinth" explore "${heavy[@]}" --jobs 2 --seconds 0.2 --resume jobs.json
expect 11 'stopped: the same command goes on from jobs.json' "$labyrinth" explore "${heavy[@]}" --jobs 1 --seconds 0.2 --resume jobs.json
cp jobs.json cut.json
expect 0 "^$whole\$" count "${heavy[@]}" --jobs 3 --resume jobs.json
expect 2 'No such file' ls jobs.json
expect 64 'requires --resume' "$labyrinth" explore "${heavy[@]}" --cut 2
expect 0 'pieces in cut.json.1 to cut.json.2' "$labyrinth" explore "${heavy[@]}" --cut 2 --resume cut.json
cut_executions() {
  local sum=0 part
  for part in 1 2; do
    sum=$((sum + $("$labyrinth" explore "${heavy[@]}" --resume cut.json.$part --jobs $part --json | jq 'select(.complete) | .executions')))
  done
  echo "summary: 1 programs, $sum executions"
}
expect 0 "^$whole\$" cut_executions
expect 11 'is left is in 1 pieces' "$labyrinth" explore "${heavy[@]}" --cut 2 --resume none.json

# A worker that somebody kills is no clean one; what a target does to it, deaths_test.sh looks at.
crash() {
  local pid child workers code=0
  "$labyrinth" explore --cpus 3 --calls 2 --first 0 --every 1000 --jobs 2 --resume crashed.json &
  pid=$!
  sleep 1
  read -r child <"/proc/$pid/task/$pid/children"
  read -ra workers <"/proc/$child/task/$child/children"
  kill -KILL "${workers[0]}"
  wait $pid || code=$?
  return $code
}
expect 11 'program 0 of 64: the worker .* SIGKILL' crash
expect 11 '^summary: .* not complete: a worker died on program 0' crash
expect 2 'No such file' ls crashed.json

# Minimizing keeps the signature, and refuses to replace a file.
expect 10 'summary: [0-9]+ calls of' "$labyrinth" minimize --target "$mutant" "$found" -o small
expect 10 'X3|X1|X4' "$labyrinth" replay --target "$mutant" small
expect 66 'never replaced' "$labyrinth" minimize --target "$mutant" "$found" -o small
expect 0 'nothing to minimize' "$labyrinth" minimize "$regression"
# Of a way to and fro neither goes without the other.
cat >to-and-fro.trace <<'TRACE'
labyrinth trace 1
machine cpus=2 frames=2
task 0 cpu 0
  a = alloc atomic order=0
  free a
task 1 cpu 1
  b = alloc atomic order=0
  free b
schedule
  at a access 0: cpu 1
  at free.a access 2: cpu 1
  at b access 0: cpu 0
  at free.b access 0: cpu 0
TRACE
expect 10 'summary: 4 calls of 4, 2 departures of 4' "$labyrinth" minimize --target "$mutant" to-and-fro.trace -o to-and-fro
# It ends when nothing more can be taken away.
expect 10 'after [0-9]{1,4} tries; in' "$labyrinth" minimize --target "$mutant" "$regression" -o smaller
expect 1 '' grep -q unmapped smaller

# Blocks that live from the start are shown, explored with what frees them, and dropped or simplified.
cat >live.trace <<'TRACE'
labyrinth trace 1
machine cpus=2 frames=32 first_pfn=64
a = live pfn=84 order=2
b = live pfn=64 order=0
c = live pfn=80 order=1
task 0 cpu 0
  free a
task 1 cpu 1
  d = alloc memalloc order=1
  free b
TRACE
expect 0 'from the start: a = live pfn=84 order=2' "$labyrinth" replay --show live.trace
expect 0 '10 executions .*complete' "$labyrinth" explore live.trace
expect 0 '10 executions .*complete' "$labyrinth" explore --memory rc11 --linearizability --alone live.trace
expect 0 '10 histories are explained' "$labyrinth" explore --linearizability live.trace
expect 10 'X3 is broken' "$labyrinth" explore --target "$mutant" --findings live live.trace
expect 10 'after [0-9]{1,4} tries' "$labyrinth" minimize --target "$mutant" live/*.trace -o live-small
expect 0 '^a = live pfn=0 order=0$' grep live live-small
expect 10 'violation of X3' "$labyrinth" replay --target "$mutant" live-small

# On the build that recorded it, a trace is checked step by step; another build leaves the record aside.
expect 10 'violation' "$labyrinth" replay --target "$mutant" small
sed '/^recorded/,$s/a answers ok/a answers exhausted/' small >tampered
expect 10 'differs from the record of this very build' "$labyrinth" replay --target "$mutant" tampered
expect 0 'clean' "$labyrinth" replay tampered
sed -E '/^recorded/,$d; s/^(  at .*access) [0-9]+:/\1 4000:/' small >moved
expect 0 'not carried out: at .* access 4000' "$labyrinth" replay --target "$mutant" moved

# A directory that cannot be written to: the finding is printed, so it is not lost.
: >occupied
expect 10 'cannot be saved' "$labyrinth" run --target "$mutant" --findings occupied --seed 3 --count 200000
expect 10 '^labyrinth trace 1' "$labyrinth" run --target "$mutant" --findings occupied --seed 3 --count 200000

# The same seed does the same; another one does not; JSON is JSON.
"$labyrinth" run --seed 5 --count 20000 | sed 's/, [0-9]* a second//' >one
"$labyrinth" run --seed 5 --count 20000 | sed 's/, [0-9]* a second//' >two
"$labyrinth" run --seed 6 --count 20000 | sed 's/, [0-9]* a second//' >three
expect 0 '' cmp one two
expect 1 '' cmp one three
"$labyrinth" run --seed 5 --count 20000 --json >run.json
expect 0 '20000' jq .executions run.json
"$labyrinth" run --strategy pct --seed 5 --count 2000 --json | grep -v per_second >pct
"$labyrinth" run --strategy pct --depth 1 --seed 5 --count 2000 --json | grep -v per_second >flat
expect 0 '2000' jq .executions pct
expect 1 '' cmp pct flat
for strategy in pct pos surw; do
  "$labyrinth" run --strategy $strategy --seed 5 --count 2000 --json | grep -v per_second >again
  "$labyrinth" run --strategy $strategy --seed 5 --count 2000 --json | grep -v per_second >and-again
  expect 0 '' cmp again and-again
done
"$labyrinth" targets --json >targets.json
expect 0 'reference' jq '.[0].name' targets.json

# Given programs, so many executions of each; their own schedules are left aside.
expect 0 'summary: 3000 executions' "$labyrinth" run --strategy pos --count 1500 "$regression" "$source_dir/corpus/seeds/nested-to-nmi.trace"
expect 0 'summary: 1500 executions' "$labyrinth" run --count 1500 "$regression"
expect 66 'cannot be read' "$labyrinth" run --strategy pct "$regression" no-such-file
for strategy in walk pct pos surw; do
  expect 10 'is broken' "$labyrinth" run --target "$mutant" --findings by-$strategy --strategy $strategy --count 20000 "$regression"
  expect 0 "engine run, seed 1 execution [0-9]+, strategy $strategy" cat by-$strategy/*.trace
  expect 10 'violation' "$labyrinth" replay --target "$mutant" by-$strategy/*.trace
done

# Ctrl-C: what was done is reported, and it is not called clean.
"$labyrinth" run --count 1000000000 >interrupted 2>&1 &
child=$!
sleep 2
kill -INT $child
code=0
wait $child || code=$?
expect 0 '^11$' echo $code
expect 0 'summary: [0-9]+ executions.*interrupted' cat interrupted
finish
