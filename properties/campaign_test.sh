#!/usr/bin/env bash
# `labyrinth fuzz start|status|stop|resume|plot`: campaigns of both engines find a mutant; whatever is killed, and whether or
# not the disk is full, no input and no crash is lost, and resume goes on. A campaign is killed fifty times.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
mutant=$build/targets/mutant-lost-update-in-free.so
campaign=
# Whatever fails: nothing that was started here stays.
trap '[ -z "$campaign" ] || kill -9 "$campaign" 2>/dev/null || true; "$labyrinth" fuzz stop "$scratch/c" >/dev/null 2>&1 || true
  rm -rf "$scratch"' EXIT

# --- What is wrong is named, with its place.
complaint() {
  printf '%s\n' "$2" >wrong.toml
  expect 66 "$1" "$labyrinth" fuzz start wrong --config wrong.toml
  expect 0 '' test ! -e wrong
}
complaint 'wrong.toml:1:1: there is no key `sed`; there are target, .*stop' 'sed = 1'
complaint 'wrong.toml:2:8: time: a text such as "90s"' $'[budget]\ntime = 5'
complaint 'wrong.toml:1:11: max_len: a whole number from 8 to 2272' 'max_len = 4'
complaint 'wrong.toml:1:10: seeds: there is no directory' 'seeds = ["nowhere"]'
complaint 'wrong.toml:2:1: there is no key `cores` in \[workers\]; there are libfuzzer, afl' $'[workers]\ncores = 2'
complaint 'wrong.toml:1:[0-9]+: ' 'seed = '
expect 66 'no campaign here' "$labyrinth" fuzz status nowhere
expect 66 'no campaign here' "$labyrinth" fuzz resume nowhere
expect 64 '--time: such as' "$labyrinth" fuzz start wrong --time soon
expect 66 '' "$labyrinth" fuzz start wrong --target "$scratch/none.so"
expect 64 'directory is required' "$labyrinth" fuzz start

# --- A budget that is used up without a crash is clean, and resume adds to it.
mkdir seeds
printf 'rubbish' >seeds/binary
cp "$source_dir"/corpus/seeds/*.trace seeds/ 2>/dev/null
printf 'seeds = ["seeds"]\n[workers]\nlibfuzzer = 1\nafl = 0\n' >clean.toml
expect 0 'stopped: the execution budget is used up' "$labyrinth" fuzz start clean --config clean.toml --executions 3000
executions=$("$labyrinth" fuzz status clean --json | jq .executions)
expect 0 'stopped: the execution budget is used up' "$labyrinth" fuzz resume clean --executions 9000
expect 0 '' test "$("$labyrinth" fuzz status clean --json | jq .executions)" -ge 9000 -a "$executions" -ge 3000
expect 64 'there is a campaign already' "$labyrinth" fuzz start clean
expect 0 'does not run' "$labyrinth" fuzz stop clean
expect 0 'points' "$labyrinth" fuzz plot clean -o page.html
expect 0 '<svg' cat page.html
expect 1 '' grep -E 'src=|href=|@import|<script' page.html

# --- What is not checked of a target that cannot do all is told when it ends and whenever it is asked.
buddy=$build/targets/textbook-buddy.so
expect 0 '^not checked: E1 ' "$labyrinth" fuzz start partly --target "$buddy" --libfuzzer 1 --afl 0 --executions 1000
expect 0 '^not checked: E1 ' "$labyrinth" fuzz status partly
expect 0 '^true$' jq '.target == "textbook-buddy" and any(.not_checked[]; .clause == "E1" and .why != "")' <("$labyrinth" fuzz status partly --json)
expect 0 '^\[\]$' jq -c .not_checked <("$labyrinth" fuzz status clean --json)

# --- A target that cannot be run is no clean campaign.
echo 'no dictionary' >words
echo 'dictionary = "words"' >failing.toml
expect 11 'every worker failed: libfuzzer-1 ended with exit code 1 .*: no dictionary' \
  "$labyrinth" fuzz start failing --libfuzzer 1 --afl 0 --config failing.toml

# --- Killed fifty times.
status() { "$labyrinth" fuzz status "$1" --json 2>/dev/null || true; }
hashes() { find "$@" -maxdepth 1 -type f ! -name '.*' ! -name README.txt -exec sha1sum {} + 2>/dev/null || true; }
# What there is, as the SHA-1 of its bytes; once nobody writes any more, also what no campaign has taken in yet.
seen_inputs() {
  ls c/corpus
  find c/crashes -type f -printf '%f\n'
}
left_inputs() {
  hashes c/workers/*/queue | awk '{ n = $2; sub(".*/", "", n); if ($1 == n) print $1 }'
  find c/workers/*/artifacts -name 'crash-*' -size +0 -exec sha1sum {} + | awk '{ print $1 }'
  hashes c/afl/*/queue c/afl/*/crashes | awk '{ print $1 }'
}
campaign_is_up() {
  for _ in $(seq 200); do
    [ "$(status c | jq 'select(.running > 0) | .process')" != "$campaign" ] || return 0
    sleep 0.05
  done
  return 1
}
resume() {
  "$labyrinth" fuzz resume c >>c.log 2>&1 &
  campaign=$!
  campaign_is_up || { echo "FAILED: the campaign did not go on"; tail c.log; failures=$((failures + 1)); }
}
"$labyrinth" fuzz start c --target "$mutant" --libfuzzer 1 --afl 1 --seed 7 >c.log 2>&1 &
campaign=$!
campaign_is_up
# Both engines find the mutant.
for _ in $(seq 1200); do
  [ "$(jq -r .worker c/crashes.jsonl 2>/dev/null | sort -u | wc -l)" -lt 2 ] || break
  sleep 0.1
done
expect 0 'libfuzzer-1' jq -r .worker c/crashes.jsonl
expect 0 'afl-1' jq -r .worker c/crashes.jsonl
RANDOM=1
: >seen
: >findings
outlived=0
for round in $(seq 50); do
  sleep "0.$((2 + RANDOM % 8))"
  seen_inputs >>seen
  ls c/findings >>findings
  if [ $((round % 2)) -eq 0 ]; then
    kill -9 "$campaign"
    wait "$campaign" 2>/dev/null || true
    workers=$(pgrep -f "$scratch/c/" || true)
    for _ in $(seq 40); do
      [ -n "$(pgrep -f "$scratch/c/workers" || true)" ] || break
      sleep 0.05
    done
    { seen_inputs; left_inputs; } >>seen
    ls c/findings >>findings
    resume
    # What is killed may still wait for somebody to take note.
    for worker in $workers; do
      ! grep -Eq '^State:[[:space:]]+[^ZX]' "/proc/$worker/status" 2>/dev/null || outlived=$((outlived + 1))
    done
  else
    mapfile -t workers < <(status c | jq '.workers[].process | select(. > 0)')
    [ ${#workers[@]} -eq 0 ] || kill -9 "${workers[RANDOM % ${#workers[@]}]}" 2>/dev/null || true
  fi
done
expect 10 'stopped: asked to stop' "$labyrinth" fuzz stop c
wait "$campaign" || true
seen_inputs | sort -u >there
sort -u seen | comm -23 - there >lost
expect 0 '^0 ' wc -l lost
ls c/findings | sort -u >there
{ sort -u findings | grep '\.trace$' || true; } | comm -23 - there >lost
expect 0 '^0 ' wc -l lost
expect 0 '^0$' echo "$outlived"
echo "killed 50 times: $(sort -u seen | wc -l) inputs and $(sort -u findings | wc -l) traces seen, none lost"
# Each input is what its name says.
expect 0 '^0 ' sh -c 'sha1sum c/corpus/* | awk "{ n = \$2; sub(\".*/\", \"\", n); if (\$1 != n) print }" | wc -l | sed "s/$/ /"'
expect 0 '' sh -c 'ls c/crashes/*/*'

# --- It goes on: more executions, both engines at work, a segmentation fault told apart from a violation.
before=$(status c | jq .executions)
expect 0 'runs in the background' "$labyrinth" fuzz resume c --detach
expect 64 'runs already' "$labyrinth" fuzz resume c
for _ in $(seq 300); do
  status c >status
  [ "$(jq '[.workers[] | select(.state == "fuzzing")] | length' status)" -lt 2 ] || break
  sleep 0.1
done
for _ in $(seq 600); do
  status c >status
  jq -e 'any(.crashes_by_signature[]; .signature == "process-deadly-signal")' status >/dev/null ||
    kill -SEGV "$(jq '.workers[] | select(.name == "libfuzzer-1" and .state == "fuzzing") | .process' status)" 2>/dev/null || true
  ! { [ -s status ] && jq -e --argjson before "$before" '.executions > $before and all(.workers[]; .executions > 0) and
    any(.crashes_by_signature[]; .signature == "process-deadly-signal" and (.violation | not))' status >/dev/null; } || break
  sleep 0.1
done
expect 10 '' "$labyrinth" fuzz stop c
expect 0 '' test -s status
expect 0 '' jq -e --argjson before "$before" '.executions > $before and all(.workers[]; .executions > 0)' status
expect 0 '' jq -e 'any(.crashes_by_signature[]; .signature == "process-deadly-signal" and (.violation | not))' status
expect 10 'violation of' "$labyrinth" replay --target "$mutant" "$(find c/findings -name '*.trace' | head -n 1)"
campaign=

# --- A full disk: the workers wait, nothing is lost, and it goes on when there is room. In a mount namespace of its own.
cat >full_disk.sh <<'INNER'
set -euo pipefail
trap 'echo "line $LINENO: $BASH_COMMAND"; tail -n 5 full.log' ERR
labyrinth=$1 mutant=$2
mkdir disk
mount -t tmpfs -o size=12m tmpfs disk
printf 'free_space = %s\ntarget = "%s"\nseeds = ["crashing"]\n[workers]\nlibfuzzer = 1\nafl = 0\n' "$3" "$mutant" >full.toml
"$labyrinth" fuzz start disk/c --config full.toml >full.log 2>&1 &
campaign=$!
# The shell may end early, and the mount goes with it.
trap 'kill -9 $campaign 2>/dev/null || true' EXIT
wait_for() {
  for _ in $(seq 300); do
    "$labyrinth" fuzz status disk/c --json >status 2>/dev/null || true
    # Of no input at all jq 1.6 says yes.
    ! { [ -s status ] && jq -e "$1" status >/dev/null 2>&1; } || return 0
    [ -d "/proc/$campaign" ] || break
    sleep 0.1
  done
  echo "never: $1"; cat full.log; exit 1
}
wait_for '.corpus > 50 and .crashes > 0'
# Counted is a crash as soon as its trace is there; its input is kept a little later.
for _ in $(seq 300); do
  ! compgen -G 'disk/c/crashes/*/*' >/dev/null || break
  sleep 0.1
done
cat /dev/zero >disk/ballast 2>/dev/null || true
for _ in $(seq 100); do
  ! grep -q 'go on when there is more room' full.log || break
  sleep 0.1
done
grep -q 'go on when there is more room' full.log
find disk/c/corpus disk/c/crashes -type f -printf '%f\n' | sort >before
if [ "$4" = kill ]; then
  kill -9 $campaign
  wait $campaign 2>/dev/null || true
fi
rm disk/ballast
if [ "$4" = kill ]; then
  "$labyrinth" fuzz resume disk/c >>full.log 2>&1 &
  campaign=$!
fi
executions=$(jq .executions disk/c/status.json)
wait_for ".state == \"running\" and .executions > $executions + 100"
code=0
"$labyrinth" fuzz stop disk/c >/dev/null || code=$?
wait $campaign || true
find disk/c/corpus disk/c/crashes -type f -printf '%f\n' | sort >after
[ -z "$(comm -23 before after)" ] || { echo "lost:"; comm -23 before after; exit 1; }
sha1sum disk/c/corpus/* disk/c/crashes/*/* | awk '{ n = $2; sub(".*/", "", n); if ($1 != n) { print; bad = 1 } } END { exit bad }'
echo "kept $(wc -l <before) files, exit code $code"
INNER
# A seed that crashes is a crash, not something that each worker crashes on for ever. libFuzzer's: what AFL++ found may need one
# of the schedules that its worker runs beside the input's own, and then is no crash of libFuzzer's.
mkdir crashing
jq -r 'select(.worker == "libfuzzer-1" and (.signature | test("^[A-Z]"))) | "c/\(.input)"' c/crashes.jsonl |
  head -n 1 | xargs -I{} cp {} crashing/
if unshare --user --map-root-user --mount true 2>/dev/null; then
  # By the space that is wanted, and (0 MiB wanted) by what cannot be written.
  for how in '2 go-on' '0 go-on' '0 kill'; do
    rm -rf disk
    read -r space then <<<"$how"
    expect 0 'kept [0-9]+ files, exit code 10' timeout 120 unshare --user --map-root-user --mount --pid --fork --mount-proc \
      bash full_disk.sh "$labyrinth" "$mutant" "$space" "$then"
  done
else
  echo "full disk: not tried, as this machine has no user namespaces"
fi
finish
