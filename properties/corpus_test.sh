#!/usr/bin/env bash
# corpus/ keeps its rules, and `labyrinth corpus` holds it to them: it notices each rule that is broken, sorts crashes without
# being killed by one, and neither loses nor doubles anything that it adds, merges, minimises or converts.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$source_dir"
mutant=$build/targets/mutant-watermark-off-by-one.so
failing=corpus/regressions/watermark-off-by-one.trace

# The corpus itself: readable by today's grammar, canonical, explained, clean, also beside its schedules; nothing without a seed.
expect 0 ' 0 complaints' "$labyrinth" corpus check --findings "$scratch/found"

# A copy of it with one rule broken at a time.
copy() {
  rm -rf "$scratch/copy" && mkdir -p "$scratch/copy/proofs"
  cp -r corpus "$scratch/copy/"
  ln -s "$source_dir/proofs/mutants" "$scratch/copy/proofs/mutants"
}
check() { (cd "$scratch/copy" && "$labyrinth" corpus check "$@"); }
copy; sed -i 's/alloc atomic/alloc nuclear/' "$scratch/copy/corpus/seeds/misuse.trace"
expect 66 'misuse.trace:[0-9]+:[0-9]+: .*nuclear' check
copy; sed -i 's/^  a = /      a   =   /' "$scratch/copy/corpus/seeds/misuse.trace"
expect 11 'misuse.trace: is not in canonical form' check
expect 0 '1 written anew' check --fix
expect 0 '' diff -r corpus "$scratch/copy/corpus"
copy; sed -i '/^#/d' "$scratch/copy/corpus/seeds/misuse.trace"
expect 11 'misuse.trace: has no comment' check
copy; sed -i 's/X3/it/' "$scratch/copy/corpus/seeds/misuse.trace"
expect 11 'misuse.trace: names no requirement' check
copy; sed -i 's/the mutant [a-z-]*/the mutant no-such-thing/' "$scratch/copy/$failing"
expect 11 'names the mutant no-such-thing' check
copy; cp "$scratch/copy/corpus/seeds/void.trace" "$scratch/copy/corpus/seeds/void-again.trace"
expect 11 'is the same trace as .*void' check
copy; rm "$scratch/copy/corpus/seeds/largest-orders.trace"
expect 11 'no seed has order `9`' check
copy; rm "$scratch/copy/corpus/seeds/one-order-for-all.trace"
expect 11 'no seed names the requirement L1' check
copy; sed -i 's/access 3: hardirq/access 3000: hardirq/' "$scratch/copy/corpus/seeds/handler-keeps-its-page.trace"
expect 11 'schedule not carried out: at a access 3000: hardirq' check
copy; expect 10 'watermark-off-by-one.trace: is not clean here' check --target "$mutant"
# Only a schedule beside the one that is kept shows this bug.
copy; sed -i 's/at free.a access 2: task 1/at free.a access 1: task 1/' "$scratch/copy/corpus/regressions/lost-update-in-free.trace"
expect 10 'lost-update-in-free.trace: a schedule beside its own breaks X' check \
  --target "$build/targets/mutant-lost-update-in-free.so"
expect 66 'has no traces' "$labyrinth" corpus check --corpus "$scratch/copy/proofs"
expect 66 'corpus has no traces' sh -c "cd '$scratch' && '$labyrinth' corpus check"

# Triage: libFuzzer's and AFL++'s crashes and a text; what is clean, what kills the process, what never ends.
cd "$scratch"
mkdir -p crashes/out/default/crashes crashes/out/default/queue
"$labyrinth" corpus convert "$source_dir/$failing" -o bytes >out
cp bytes/watermark-off-by-one crashes/crash-0a
cp bytes/watermark-off-by-one crashes/out/default/crashes/id:000000,sig:06,src:000001,op:havoc
cp bytes/watermark-off-by-one crashes/out/default/queue/id:000000
touch crashes/out/default/fuzzer_stats crashes/out/default/crashes/README.txt
cp "$source_dir/corpus/seeds/nested-to-nmi.trace" crashes/
touch -d '2024-02-03 04:05:06 UTC' crashes/crash-0a crashes/out/default/crashes/id*
triage() { "$labyrinth" corpus triage "$@"; }
expect 10 'summary: 3 inputs, 1 signatures, 1 clean, 0 not clear, 0 unreadable' triage --target "$mutant" --findings one crashes
expect 10 'nested-to-nmi.trace: clean' triage --target "$mutant" --findings two crashes
expect 0 '' diff -r one two  # the same inputs make the same files
expect 0 'engine libfuzzer, 2024-02-03' cat one/*.trace
expect 0 'found as crash-0a' cat one/*.trace
expect 0 'target reference build [0-9a-f]{40}' cat one/*.trace
expect 10 'violation of' "$labyrinth" replay --target "$mutant" one/*.trace
expect 0 '^2$' sh -c "'$labyrinth' corpus triage --json --target '$mutant' --findings one crashes | jq '.groups[0].inputs | length'"
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0  # a sanitizer would make an exit code of it
printf 'labyrinth trace 1\nmachine frames=16\ntask 0 cpu 0\n  a = alloc kernel order=%s\n' 3 >dies.trace
sed 's/order=3/order=4/' dies.trace >stays.trace
sed 's/order=3/order=0/' dies.trace >wrong.trace
expect 10 '^died-SIGSEGV: 1 input' triage --seconds 2 --target "$build/targets/fatal_target.so" --findings dead dies.trace stays.trace wrong.trace
expect 10 '^died-timeout: 1 input' triage --seconds 2 --target "$build/targets/fatal_target.so" --findings dead dies.trace stays.trace wrong.trace
expect 10 '^(X2|E2)-alloc-task: 1 input' triage --seconds 2 --target "$build/targets/fatal_target.so" --findings dead dies.trace stays.trace wrong.trace
expect 0 'Kills the process that runs it: SIGSEGV' cat dead/died-SIGSEGV-*.trace
echo 'no trace' >broken.trace
expect 66 'broken.trace:1:1' triage --findings none broken.trace
expect 66 'missing.trace: cannot be read' triage --findings none missing.trace
expect 0 '1 clean' triage --findings none "$source_dir/$failing"

# What AFL++ keeps may fail under a schedule near the input's own alone. Of a campaign's crashes its list says whose they are.
{
  printf 'labyrinth trace 1\nmachine cpus=2 frames=4\n'
  for cpu in 0 1; do
    printf 'task %s cpu %s\n' $cpu $cpu
    for i in 1 2 3 4; do printf '  a%s%s = alloc atomic order=0\n  free a%s%s\n' $cpu $i $cpu $i; done
  done
} >apart.trace
lost=$build/targets/mutant-lost-update-in-free.so
mkdir -p campaign/crashes/X3-free-task
"$labyrinth" corpus convert apart.trace -o bytes >out
cp bytes/apart campaign/crashes/X3-free-task/0a1b
echo '{"input":"crashes/X3-free-task/0a1b","signature":"X3-free-task","time":1,"worker":"afl-1"}' >campaign/crashes.jsonl
expect 0 'summary: 1 inputs, 0 signatures, 1 clean' triage --target "$lost" --findings none apart.trace
expect 10 'summary: 1 inputs, 1 signatures, 0 clean' triage --target "$lost" --findings near campaign/crashes
expect 0 'found as 0a1b by afl, under a schedule near its own' cat near/*.trace
expect 10 'violation of' "$labyrinth" replay --target "$lost" near/*.trace
expect 10 '^died-SIGSEGV: 1 input' env LABYRINTH_TEST_DIES=signal "$labyrinth" corpus triage \
  --target "$build/targets/dying_target.so" --findings near-dead bytes/apart
expect 10 'kills the process: SIGSEGV' env LABYRINTH_TEST_DIES=signal "$labyrinth" replay \
  --target "$build/targets/dying_target.so" near-dead/*.trace
mkdir another
expect 0 'added as another/regressions/lost-update-in-free.trace' \
  "$labyrinth" corpus add --corpus another --target "$lost" bytes/apart

# Adding.
mkdir -p kept/seeds kept/regressions
add() { "$labyrinth" corpus add --corpus kept "$@"; }
found=$(ls one/*.trace)
expect 64 'shows no violation on .*reference.so: say with --target' add "$found"
expect 0 'added as kept/regressions/watermark-off-by-one.trace' add --target "$mutant" "$found"
expect 64 'is in the corpus already: kept/regressions/watermark-off-by-one.trace' add --target "$mutant" "$found"
# One more of the same crash, as a fuzzer left it and with calls that have nothing to do with it.
{ cat "$source_dir/$failing"; printf 'task 0 cpu 0\n  other = alloc atomic order=9\n'; } >longer.trace
expect 64 'is, made small, in the corpus already' add --target "$mutant" longer.trace
expect 0 'added as kept/regressions/long.trace' add --budget 0 --name long --target "$mutant" longer.trace
expect 0 'Fails on the mutant watermark-off-by-one \((E1|C3)\)' head -n 1 kept/regressions/watermark-off-by-one.trace
expect 0 'engine libfuzzer, 2024-02-03' cat kept/regressions/watermark-off-by-one.trace
expect 66 'broken.trace:1:1' add broken.trace
expect 64 'says of no requirement' add --as seed --name new stays.trace
expect 0 'added as kept/seeds/new.trace' add --as seed --name new --shows 'X2: one block.' --move stays.trace
expect 1 '' test -e stays.trace
expect 64 'is not clean on' add --as seed --target "$build/targets/fatal_target.so" --shows 'E1' wrong.trace
expect 64 'is no name' add --as seed --name ../x --shows 'X2' wrong.trace
expect 0 'clean' "$labyrinth" replay kept/seeds/new.trace

# Minimising keeps what libFuzzer, too, counts as covered, with fewer files.
mkdir grown
"$labyrinth" fuzz -runs=3000 -seed=1 grown >out 2>&1
covered() { "$labyrinth" fuzz -runs=0 "$1" 2>&1 | grep -o 'INITED.*cov: [0-9]*' | grep -o '[0-9]*$'; }
expect 0 'summary: [0-9]+ of [0-9]+ inputs' "$labyrinth" corpus minimize grown -o small
expect 0 "^$(covered grown)\$" covered small
expect 0 '' test "$(find small -type f | wc -l)" -lt "$(find grown -type f | wc -l)"
expect 10 'fails, and is left out' "$labyrinth" corpus minimize --target "$mutant" crashes/crash-0a small -o without

# Merging and converting.
expect 0 "summary: $(find small -type f | wc -l) different ones of" "$labyrinth" corpus merge small small/ small/* -o merged
expect 0 '' diff -r small merged
expect 0 'ready-before-address.trace: is under `memory rc11`' "$labyrinth" corpus convert "$source_dir/corpus/regressions" -o binary
expect 0 'live-from-the-start.trace: has blocks that live' "$labyrinth" corpus convert "$source_dir/corpus/seeds" -o binary
"$labyrinth" corpus convert --to text binary -o texts >out
expect 0 '' sh -c "for f in binary/*; do n=\$(basename \$f); '$labyrinth' corpus convert texts/\$n.trace -o back >/dev/null && cmp \$f back/\$n || exit 1; done"
expect 0 '"call"' "$labyrinth" corpus stats --json "$source_dir/corpus/seeds"
expect 0 '0 features that none has' "$labyrinth" corpus stats "$source_dir/corpus/seeds"

# Coverage, where `ninja coverage` has been asked for.
coverage() { "$labyrinth" fuzz coverage --output "$scratch/coverage" "$@"; }
if [ -x "$build/coverage_replayer" ]; then
  expect 0 'not reached: impl/src/[a-z_]*[.][ch]pp: [0-9]' coverage "$source_dir/corpus"
  all=$(coverage --json "$source_dir/corpus" | jq .uncovered)
  one=$(coverage --json "$source_dir/corpus/seeds/misuse.trace" | jq .uncovered)
  expect 0 '' test "$all" -gt 0 -a "$all" -lt "$one"  # one trace reaches less than all do
  expect 0 'llvm-cov|html' cat "$scratch/coverage/index.html"
else
  expect 66 'ninja -C .* coverage. builds it' coverage "$source_dir/corpus"
fi

# What is packed for each harness: all of the corpus, but for what bytes cannot say.
expect 0 "^$(find "$source_dir"/corpus/{seeds,regressions} -name '*.trace' | wc -l)\$" sh -c "cmake -E tar tf '$build/fuzz/trace_text_fuzzer_seed_corpus.zip' | wc -l"
expect 0 "^$(find binary -type f | wc -l)\$" sh -c "cmake -E tar tf '$build/fuzz/interleaved_fuzzer_seed_corpus.zip' | wc -l"
expect 0 'max_len' cat "$build/fuzz/interleaved_fuzzer.options"

# The dictionary has every word that the grammar in docs/trace-format.md puts in quotes.
"$build/fuzz/dictionary/trace_dictionary" text words
sed -n '/^    file  /,/^    DEVICE/p' "$source_dir/docs/trace-format.md" | grep -o '"[a-z][a-z0-9_]*"' | tr -d '"' | sort -u >grammar
expect 0 '' test "$(wc -l <grammar)" -gt 60
# (All but `sc`, which is never printed, since it is what is meant when nothing is said.)
expect 0 '^missing sc$' sh -c 'while read -r word; do grep -Eq "[\"=| ]$word[]\"=:| \\]" words || echo "missing $word"; done <grammar'
expect 0 '^1$' sh -c 'while read -r word; do grep -Eq "[\"=| ]$word[]\"=:| \\]" words || echo "missing $word"; done <grammar | wc -l'
expect 0 'cov: ' "$build/fuzz/trace_text_fuzzer" -runs=100 -seed=1 -dict=words
"$build/fuzz/dictionary/trace_dictionary" binary words
expect 0 'cov: ' "$labyrinth" fuzz -runs=100 -seed=1 -dict=words
finish
