#!/usr/bin/env bash
# An audit tells each mutant from the code that it was made of, by the trace and the clause, and the other way round calls it
# better; it finds nothing between two copies of one build. Revisions are built; what dies or is interrupted ends in a verdict.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0  # a sanitizer would make an exit code of it
cd "$source_dir"
reference=$build/targets/reference.so
audit() { "$labyrinth" audit --findings "$scratch/findings" "$@"; }
# Replays alone: quick, and the same each time.
replay() { audit --seconds 0 --executions 0 --json "$@" 2>/dev/null; }
# What the command before has printed.
said() { expect 0 "$1" cat "$scratch/said"; }
verdict() { jq -r "$1" "$scratch/verdict.json"; }

for patch in proofs/mutants/*.patch; do
  name=$(basename "$patch" .patch)
  mutant=$build/targets/mutant-$name.so
  code=0
  replay --corpus corpus/regressions "$reference" "$mutant" >"$scratch/verdict.json" || code=$?
  expect 0 '^10 10$' echo "$code $(verdict .exit_code)"
  # By the trace of its name, on the clause that this one says.
  clause=$(verdict "[.findings[] | select(.kind == \"became wrong\" and any(.found[]; endswith(\"/$name.trace\"))) | .what][0]")
  expect 0 "${clause%%-*}" grep -E '^# Fails on' "corpus/regressions/$name.trace"
  expect 0 '"became right"' replay --corpus corpus/regressions "$mutant" "$reference"
done

# What is found without the trace that was kept of it: by exploring, by fuzzing. And shown on both sides.
lost=$build/targets/mutant-lost-update-in-free.so
expect 10 'explored: ' audit --corpus corpus/seeds --seconds 0 --executions 500 "$reference" "$lost"
expect 10 'fuzzed, seed 1 round' audit --corpus corpus/seeds --seconds 2 --executions 0 "$reference" "$lost"
expect 10 'no schedule of this program breaks OLD' audit --corpus corpus/regressions --seconds 0 "$reference" "$lost"
cp "$scratch/out" "$scratch/said"
said '^ +0 task 0 .*fetch_and64 .* \| 0 task 0 .*load64 '
expect 10 "breaks the model|is broken" "$labyrinth" replay --target "$lost" "$scratch"/findings/audit-new-X3-drain-*.trace
expect 0 ': clean' "$labyrinth" replay --target "$reference" "$scratch"/findings/audit-new-X3-drain-*.trace

# What only weak memory shows is made small under weak memory, and the other side is explored under it.
mkdir "$scratch/weak"
sed 's/^schedule/task 2 cpu 0\n  y = alloc atomic order=0\n  free y\nschedule/' corpus/regressions/ready-before-address.trace >"$scratch/weak/larger.trace"
weak=$build/targets/mutant-ready-before-address.so
expect 10 '1\. C2-map-task' "$labyrinth" audit --findings "$scratch/small" --corpus "$scratch/weak" --seconds 0 --executions 0 "$reference" "$weak"
cp "$scratch/out" "$scratch/said"
said 'no schedule of this program breaks OLD \([0-9]+ executions, all there are\)'
small=("$scratch"/small/audit-new-C2-map-task-*.trace)
expect 0 '^memory rc11$' cat "${small[@]}"
expect 0 '^2 3$' sh -c "echo \$(grep -c '^task' '${small[0]}') \$(grep -cE '^  [a-z]+ = ' '${small[0]}')"
expect 10 'violation of C2' "$labyrinth" replay --target "$weak" "${small[@]}"
expect 0 ': clean' "$labyrinth" replay --target "$reference" "${small[@]}"

expect 10 '' audit --corpus corpus/regressions --seconds 0 --executions 0 --sarif "$scratch/sarif" --junit "$scratch/junit" "$reference" "$lost"
expect 0 '^X3$' jq -r '.runs[0].results[].ruleId' "$scratch/sarif"
expect 0 'failures="[1-9]' cat "$scratch/junit"

# Two copies of one build; the name of one has to be escaped on the page.
copy="$scratch/a<b>&'c"
mkdir -p "$copy/plain"
cp "$reference" "$copy/"
cp "$build/targets/plain/reference.so" "$copy/plain/"
expect 0 '^No difference was found' audit --seconds 1 --executions 200 --html "$scratch/page.html" "$copy/reference.so" "$reference"
cp "$scratch/out" "$scratch/said"
said '^summary: 0 became wrong, 0 could be noticed besides, 0 became right, 0 wrong on both'
expect 0 'code, bytes: [0-9]+ on both sides' audit --seconds 0 --executions 0 "$copy/reference.so" "$reference"
expect 0 'a&lt;b&gt;&amp;&#39;c/reference.so' cat "$scratch/page.html"
expect 1 '' grep -qiE '<script|<b>&|src=|https?:' "$scratch/page.html"
expect 11 'could not be written' audit --seconds 0 --executions 0 --html "$scratch/no/page.html" "$copy/reference.so" "$reference"

# A target that takes the process with it: on NEW alone that is wrong, and the traces beside it are judged.
mkdir "$scratch/deadly"
printf 'labyrinth trace 1\nmachine cpus=1 frames=64 zone=normal:64 min=0 low=0 high=0\ntask 0 cpu 0\n  a = alloc atomic order=3\n  free a\n  b = alloc atomic order=1\n' \
  >"$scratch/deadly/one.trace"
printf 'labyrinth trace 1\nmachine cpus=1 frames=64 zone=normal:64 min=0 low=0 high=0\ntask 0 cpu 0\n  a = alloc atomic order=0\n' \
  >"$scratch/deadly/two.trace"
fatal=$build/targets/fatal_target.so
expect 10 'kills the process: SIG' audit --corpus "$scratch/deadly" --seconds 0 --executions 0 "$reference" "$fatal"
cp "$scratch/out" "$scratch/said"
said 'two.trace'
said '0 task 0    a = alloc .* 0 task 0    a = alloc'  # as far as it came
expect 0 'something got better' audit --corpus "$scratch/deadly" --seconds 0 --executions 0 "$fatal" "$reference"

# Revisions of a repository elsewhere: right, then with a bug, then right with another first frame.
tiny=$scratch/tiny
cp -r properties/audit_tiny "$tiny"
git -C "$tiny" init -q -b main
commit() { git -C "$tiny" add -A && git -C "$tiny" -c user.name=test -c user.email=test@example.org commit -q -m "$1" && git -C "$tiny" tag "$1"; }
commit right
sed -i 's/atomic_fetch_and(\(.*\), \(.*\));/atomic_store(\1, atomic_load(\1) \& \2);/' "$tiny/tiny.c"
commit wrong
git -C "$tiny" checkout -q right -- tiny.c
sed -i 's/__builtin_ctzll(open)/63 - __builtin_clzll(open)/' "$tiny/tiny.c"
commit other
compiler=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
revisions() {
  audit --repository "$tiny" --scratch "$scratch/audit" --build-target tiny --configure="-DLABYRINTH=$source_dir" \
    --configure="-DCMAKE_C_COMPILER=$compiler" --corpus corpus/seeds --executions 100 "$@"
}
expect 10 'X[13]-' revisions --seconds 1 right wrong
expect 0 'something got better' revisions --seconds 1 wrong right
expect 0 'answers alloc: another place or number' revisions --seconds 1 right other
expect 66 'neither a shared object nor a revision' revisions right no-such-revision

# A pull request: what its base has got since is none of its doing.
mkdir -p "$tiny/ci" "$tiny/build/default"
cp ci/audit "$tiny/ci/"
ln -s "$labyrinth" "$tiny/build/default/labyrinth"
pull() { git -C "$tiny" -c user.name=test -c user.email=test@example.org commit -q -a -m "$1"; }
request() {
  "$tiny/ci/audit" "$1" --build-target tiny --configure="-DLABYRINTH=$source_dir" --configure="-DCMAKE_C_COMPILER=$compiler" \
    --corpus "$source_dir/corpus/seeds" --seconds 1 --executions 100
}
git -C "$tiny" checkout -q -b harmless right
echo '/* A remark. */' >>"$tiny/tiny.c"
pull 'Add a remark'
expect 0 '^No difference was found' request wrong
expect 0 'No difference was found' cat "$tiny/build/audit/verdict.html"
git -C "$tiny" checkout -q -b harmful right
git -C "$tiny" checkout -q wrong -- tiny.c
pull 'Free more simply'
expect 10 'X[13]-' request wrong~1
expect 66 'no commit in common' request no-such-branch
git -C "$tiny" checkout -q -f other
rm -r "$tiny/ci" "$tiny/build"

echo 'this is no C' >"$tiny/tiny.c"
commit broken
expect 66 'broken does not build' revisions right broken
expect 0 '^clean: $' echo "clean: $(git -C "$tiny" status --porcelain)$(git -C "$tiny" worktree prune --dry-run)"

# Ctrl-C ends it with what is known by then.
timeout --signal=INT --kill-after=60 2 "$labyrinth" audit --findings "$scratch/findings" --seconds 600 "$reference" "$copy/reference.so" \
  >"$scratch/interrupted" 2>&1 || code=$?
expect 0 '^124$|^11$' echo "$code"
expect 0 'interrupted' cat "$scratch/interrupted"
expect 0 '^summary: 0 became wrong' cat "$scratch/interrupted"

expect 64 'new is required' audit "$reference"
expect 64 'not in' audit --proofs all "$reference" "$reference"
expect 66 'neither a shared object nor a revision' audit no-such-thing "$reference"
expect 66 'is no target|cannot load' audit "$reference" "$labyrinth"
mkdir "$scratch/empty"
expect 66 'there is no trace in' audit --corpus "$scratch/empty" "$reference" "$reference"
expect 66 'cannot be read' audit --corpus "$scratch/no-such" "$reference" "$reference"
finish
