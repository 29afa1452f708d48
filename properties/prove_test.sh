#!/usr/bin/env bash
# `labyrinth prove`, on small C files: each verdict, that only what is wholly in order is `proved`, what is kept from run to
# run, and that nothing is left behind.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
. "$(dirname "$0")/proof_files.sh"
cd "$scratch"
# Neither what the user has kept, nor files of other processes.
export XDG_CACHE_HOME=$scratch/home TMPDIR=$scratch/tmp
mkdir proofs tmp
LABYRINTH_CBMC=$(env -u XDG_CACHE_HOME "$source_dir/ci/cbmc" --where)
export LABYRINTH_CBMC

prove() { "$labyrinth" prove --proofs proofs "$@"; }
clean() { prove --no-cache "$@"; }
left_behind() { find tmp -mindepth 1 | wc -l; }

holds='unsigned x = nondet_unsigned(); cover("start"); obligation((x & (x - 1)) <= x, "X1: one bit less");'
fails='unsigned x = nondet_unsigned(); cover("start"); obligation((x | 1) == x, "X1: the bit is set");'
proof good "$holds" "$fails"
proof good-cadical "$holds" "$fails" 'solver="cadical"' 'size="standard"'
proof night "$holds" "$fails" 'size="nightly"'
proof violated 'unsigned x = nondet_unsigned(); unsigned long long y = nondet_unsigned();
  __CPROVER_input("order", x); __CPROVER_input("frame", y); cover("start");
#line 77 "impl/src/pages.cpp"
  obligation(x != 10 || y + x != 0xff, "X3: free is total");' "$fails"
proof violated-cadical 'unsigned x = nondet_unsigned(); __CPROVER_input("order", x); cover("start");
  obligation(x != 10, "X3: free is total"); obligation(x != 11, "X1: another");' "$fails" 'solver="cadical"'
proof two 'cover("start"); unsigned x = nondet_unsigned(); obligation(x, "X1: some"); obligation(x - 1, "X1: not one");' "$fails"
proof memory 'unsigned a[4] = {0}; unsigned x = nondet_unsigned(); __CPROVER_input("at", x); cover("start");
  obligation(1, "X1: none");
#line 5 "impl/src/words.cpp"
  a[x & 7] = 1;' "$fails"
proof vacuous 'unsigned x = nondet_unsigned(); __CPROVER_assume(x > 5); __CPROVER_assume(x < 5); cover("start");
  obligation(x == 0, "X1: anything");' "$fails"
proof missing "$holds" "$fails" 'cover=["start", "finish"]'
proof unnamed "$holds cover(\"more\");" "$fails"
proof toothless "$holds" "$holds"
proof gnawing "$holds" 'unsigned x = nondet_unsigned(); unsigned i = 0; while (i < x) ++i; obligation(i == x, "X1: equal");'
proof several "$holds" "$fails" 'mutant=["wrong", "right"]'
file several@right <<<"void proof(void) { $holds }"
# That multiplication commutes is hard for every solver.
hard='unsigned a = nondet_unsigned() & 0xfff, b = nondet_unsigned() & 0xfff, p = 0, q = 0; cover("start");
  for (int i = 0; i < 12; ++i) { if (a >> i & 1) p += b << i; if (b >> i & 1) q += a << i; }
  obligation(p == q, "X1: commutes");'
for solver in built-in cadical; do proof slow-$solver "$hard" "$fails" unwind=13 seconds=1.5 "solver=\"$solver\""; done
proof patient "$hard" "$fails" unwind=13 seconds=600
proof large "unsigned x = nondet_unsigned(); static unsigned char memory[1 << 22]; cover(\"start\");
  for (unsigned i = 0; i < 400; ++i) memory[(x * i) & 0x3fffff] += (unsigned char)memory[x >> 10];
  obligation(memory[x >> 12] != 1, \"X1: never\");" "$fails" unwind=401
proof unwinding 'unsigned x = nondet_unsigned() & 15; cover("start"); unsigned i = 0; while (i < x) ++i;
  obligation(i == x, "X1: equal");' "$fails"
proof unwindset 'unsigned x = nondet_unsigned() & 15; cover("start"); unsigned i = 0; while (i < x) ++i;
  obligation(i == x, "X1: equal");' "$fails" 'flags=["--unwindset", "proof.0:17"]'
proof recursion 'cover("start"); obligation(1, "X1: none"); proof();' "$fails"
proof empty 'cover("start");' "$fails"
proof no-body 'unsigned other(void); cover("start"); obligation(other() != 7 || 1, "X1: none");' "$fails"
proof bad-c 'this is no C' "$fails"
proof bad-flag "$holds" "$fails" 'flags=["--frob"]'
proof no-file "$holds" "$fails"
rm proofs/no-file.c

# Every verdict, with what is needed to go on from there.
expect 0 '^good +proved +[0-9.]+/[0-9.]+/[0-9.]+ +[0-9]+ MiB +X1 S4$' clean good
expect 0 '^summary: 1 of 1 proved, [0-9.]+ s$' clean good
expect 0 '^good-cadical +proved' clean good-cadical
expect 10 '^violated +VIOLATED' clean violated
expect 10 '^violated is VIOLATED: X3: free is total$' clean violated
expect 10 '^  at    impl/src/pages.cpp:77$' clean violated
expect 10 '^    order = 0xa \(10\)$' clean violated
expect 10 '^    frame = 0xf5 \(245\)$' clean violated
cp out violated
expect 0 '^order frame $' sh -c "grep -oE '^    (order|frame) ' violated | tr -d ' ' | tr '\n' ' '"
expect 10 '^  labyrinth prove violated --proofs proofs$' clean violated
again=$(grep -E '^  /.*cbmc.*--trace.*violated\.c$' "$scratch/out" || echo false)
expect 10 'order=10u|order: 10u' sh -c "$again"
expect 10 '^violated-cadical is VIOLATED: X[31]' clean violated-cadical
expect 10 '^    order = 0x[ab] \(1[01]\)$' clean violated-cadical
expect 10 "^memory is VIOLATED: array 'a' upper bound" clean memory
expect 10 '^  at    impl/src/words.cpp:5$' clean memory
expect 11 '^vacuous +vacuous' clean vacuous
expect 11 'cover point `start`: nothing reaches it' clean vacuous
expect 11 'cover point `finish`: the file has none of that name; it has start' clean missing
expect 11 'missing +vacuous' clean missing
expect 11 'cover point `more`: the manifest does not name it' clean unnamed
expect 11 '^toothless +toothless' clean toothless
expect 11 'mutant `wrong`: the proof holds for it' clean toothless
expect 11 '^gnawing +toothless' clean gnawing
expect 11 'mutant `right`: the proof holds for it' clean several
for solver in built-in cadical; do
  expect 11 "^slow-$solver +timed out" clean slow-$solver
  expect 11 'proof: not done after 1\.[0-9]* s' clean slow-$solver
done
# A solver that says nothing does not die of itself when nobody listens any more.
mkdir bin
printf '#!/bin/sh\n[ "$1" != --version ] || exec echo 1\nsleep 43.21\n' >bin/cadical
chmod +x bin/cadical
expect 11 '^good-cadical +timed out' env PATH="$scratch/bin:$PATH" "$labyrinth" prove --proofs proofs --no-cache --seconds 0.7 good-cadical
expect 1 '' pgrep -f 'sleep 43.21'
expect 11 '^large +out of memory' clean large --memory 0.1
expect 11 '^unwinding +bound too small' clean unwinding
expect 11 'unwinding assertion loop 0 is not over after 9 rounds' clean unwinding
expect 0 '^unwindset +proved' clean unwindset
expect 11 '^recursion +bound too small' clean recursion
expect 11 'there is no obligation in the file' clean empty
expect 11 '^no-body +error' clean no-body
expect 11 'bad-c.c:[0-9]+: .*syntax error' clean bad-c
expect 11 'Unknown option: --frob' clean bad-flag
expect 11 'no-file.c: cannot be read' clean no-file
expect 11 '^good +holds \(mutant not checked\)' clean good --skip-mutants
expect 0 '^0$' left_behind

# Of several, the worst one is the exit code; the shell's patterns choose among them.
expect 10 '^summary: 1 of 4 proved, 1 VIOLATED, 1 vacuous, 1 toothless, ' clean good violated vacuous toothless --jobs 3
expect 0 '^summary: 2 of 2 proved' clean 'good*' -j 0
expect 64 'there is no proof `goods`' clean good goods
expect 64 'there is no proof `x\*`' clean 'x*'

# --list and --json.
expect 0 '^night +nightly +built-in +9 +60 +X1 S4 +16 frames' prove --list night
expect 0 '^night ' prove --list
expect 1 '' sh -c "'$labyrinth' prove --proofs proofs --list --size standard | grep ^night"
expect 1 '' sh -c "'$labyrinth' prove --proofs proofs --list --size quick | grep good-cadical"
expect 0 '^25$' sh -c "'$labyrinth' prove --proofs proofs --list --json | jq '.proofs | length'"
clean good violated toothless --json >proved.json || true
expect 0 '"proved" "VIOLATED" "toothless"' jq -r '[.proofs[].verdict | tojson] | join(" ")' proved.json
expect 0 '^order 10 0xa impl/src/pages.cpp 77$' \
  jq -r '.proofs[1].violation | [.inputs[0].name, .inputs[0].value, .inputs[0].hex, .file, .line] | join(" ")' proved.json
expect 0 '^X1: the bit is set$' jq -r '.proofs[0].runs.mutants.wrong.noticed_by.description' proved.json
expect 0 '^false$' jq .interrupted proved.json

# What went well is kept, and used while nothing has changed; what did not is tried again.
expect 0 '^good +proved +[0-9.]+/[0-9.]+/[0-9.]+ ' prove good
expect 0 '^good +proved +[0-9.]+\*/[0-9.]+\*/[0-9.]+\* ' prove good
expect 0 'kept from an earlier run' prove good
expect 0 '^true$' sh -c "'$labyrinth' prove --proofs proofs good --json | jq .proofs[0].runs.proof.cached"
expect 0 '^good +proved +[0-9.]+/[0-9.]+/[0-9.]+ ' clean good
expect 0 '^3$' sh -c 'ls home/labyrinth/proofs | wc -l'
sed -i 's/one bit less/one bit Less/' proofs/good.c
expect 0 '^good +proved +[0-9.]+/[0-9.]+/[0-9.]+\* ' prove good
expect 0 '^good +proved +[0-9.]+\*/[0-9.]+\*/[0-9.]+\* ' prove good
sed 's/unwind = 9/unwind = 8/' proofs/proofs.toml >other.toml
mkdir other && cp proofs/good*.c other && mv other.toml other/proofs.toml
expect 0 '^good +proved +[0-9.]+/[0-9.]+/[0-9.]+ ' "$labyrinth" prove --proofs other good
prove violated --cache kept >/dev/null || true
expect 0 '^0$' sh -c 'ls kept | wc -l'
prove toothless --cache kept >/dev/null || true
expect 0 '^2$' sh -c 'ls kept | wc -l'
prove slow-built-in bad-c no-body unwinding vacuous --cache kept >/dev/null || true
expect 11 '^slow-built-in +timed out +[0-9.]+/[0-9.]+\*/[0-9.]+\* ' prove slow-built-in --cache kept
expect 11 '^vacuous +vacuous +[0-9.]+\*/[0-9.]+/[0-9.]+\* ' prove vacuous --cache kept

# A damaged entry is none: cut off, changed, of another run, or no file.
expect 0 'proved' prove good --cache damaged
for damage in 'truncate -s 40' 'sed -i s/U[RC]/XX/' 'sed -i 2,\$d' 'truncate -s 0' 'head -c 900 /dev/urandom >'; do
  for entry in damaged/*; do eval "$damage \$entry"; done
  expect 0 '^good +proved +[0-9.]+/[0-9.]+/[0-9.]+ ' prove good --cache damaged
  expect 0 '^good +proved +[0-9.]+\*/[0-9.]+\*/[0-9.]+\* ' prove good --cache damaged
done
file included <<<'#include "included.h"'
manifest included
cp proofs/good@wrong.c proofs/included@wrong.c
echo "void proof(void) { $holds }" >proofs/included.h
expect 0 '^included +proved' prove included
echo "void proof(void) { $fails }" >proofs/included.h
expect 10 '^included +VIOLATED' prove included
set -- damaged/*
cp "$1" swap && cp "$2" "$1" && cp swap "$2"
expect 0 '^good +proved .*[0-9]/|^good +proved .*[0-9] ' prove good --cache damaged
: >occupied
expect 0 'results cannot be kept there' prove good --cache occupied/here

# The manifest: everything in it is understood, or nothing is proved.
mkdir wrong
wrong() { expect 66 "$1" "$labyrinth" prove --proofs wrong; }
wrong '^wrong/proofs.toml: cannot be read'
bad() { local words=$1 && shift && entry bad "$@" >wrong/proofs.toml && wrong "$words"; }
bad '^wrong/proofs.toml:1:1: this proof has no key `geometry`' geometry=
bad '^wrong/proofs.toml:[0-9]+:1: there is no key `unwinds`; there are name' unwinds=7
bad '^wrong/proofs.toml:[0-9]+:[0-9]+: unwind: a whole number' 'unwind="7"'
bad 'unwind: a whole number' unwind=7.5
bad 'unwind: a whole number from 1 to' unwind=0
bad 'seconds: a number' seconds=-1
bad 'seconds: a number' seconds=nan
bad 'solver: one of cadical, built-in is wanted, not `minisat`' 'solver="minisat"'
bad 'size: one of' 'size="huge"'
bad 'cover: is empty; without a point' 'cover=[]'
bad 'mutant: is empty; without a mutant' 'mutant=[]'
bad 'mutant: `../x` is no name' 'mutant="../x"'
bad 'clauses: a text is wanted' 'clauses=["X1", 3]'
bad 'cover: `a` is there twice' 'cover=["a", "a"]'
bad 'flags: `--no-bounds-check` weakens' 'flags=["--no-bounds-check"]'
bad 'flags: `--partial-loops` weakens' 'flags=["--partial-loops"]'
{ entry twice; entry twice; } >wrong/proofs.toml
wrong '^wrong/proofs.toml:[0-9]+:[0-9]+: name: `twice` is the proof of line 2, too'
entry a/b >wrong/proofs.toml
wrong 'name: `a/b`: letters'
echo '[[prove]]' >wrong/proofs.toml
wrong 'proofs.toml:1:[0-9]+: only tables \[\[proof\]\] are wanted here, not `prove`'
printf '[[proof]]\nname = \n' >wrong/proofs.toml
wrong '^wrong/proofs.toml:[23]:[0-9]+: '
: >wrong/proofs.toml
wrong 'there is no table'

# A CBMC that is none, too old, or says what cannot be so.
expect 64 'LABYRINTH_CBMC is nothing-here, which is no program' env LABYRINTH_CBMC=nothing-here "$labyrinth" prove --proofs proofs good
expect 64 'there is no cbmc: run ci/setup' env -u LABYRINTH_CBMC LABYRINTH_TOOLS=/nonexistent PATH=/nonexistent "$labyrinth" prove --proofs proofs good
fake() {
  printf '#!/bin/sh\nif [ "$1" = --version ]; then echo "%s"; exit; fi\n%s\n' "$1" "$2" >fake
  chmod +x fake
}
faked() { LABYRINTH_CBMC=./fake prove good --no-cache; }
fake 5.12 ''
expect 64 'is 5.12, and version 6 or later is needed' faked
fake 6.9 'echo "[{\"result\": [{\"property\": \"p.assertion.1\", \"description\": \"X1: a\", \"status\": \"SUCCESS\"}]}]"'
expect 11 '^good +error' faked
fake 6.9 'echo "[{\"result\": [{\"property\": \"p.assertion.1\", \"description\": \"X1: a\", \"status\": \"UNKNOWN\"}]}, {\"cProverStatus\": \"success\"}]"'
expect 11 'but not of each property' faked
fake 6.9 'echo "[{\"result\": [{\"property\": \"p.assertion.1\", \"description\": \"X1: a\", \"status\": \"SUCCESS\"}]}, {\"cProverStatus\": \"success\"}]"; exit 6'
expect 11 'proof: CBMC: .*exit code 6' faked
fake 6.9 'echo "[{"'
expect 11 'cut off, or no JSON' faked
fake 6.9 'kill -SEGV $$'
expect 11 'ended by signal 11' faked

# Ctrl-C: what is done is told and kept, and no process or file is left.
children() { cat "/proc/$1/task/$1/children" 2>/dev/null || true; }
# Each child is the leader of a group. What nobody has waited for yet is dead all the same.
living() {
  local group
  for group in $(cat groups); do
    ps -eo pgid=,stat=,comm= | awk -v group="$group" '$1 == group && $2 !~ /Z/ { print $3 }'
  done
}
# interrupt PROGRAM COUNT PROOF...: once so many results are kept, and the program runs.
interrupt() {
  local program=$1 count=$2 pid code=0
  rm -rf stopped
  "$labyrinth" prove --proofs proofs --cache stopped --jobs 2 "${@:3}" &
  pid=$!
  for _ in $(seq 300); do
    children $pid >groups
    if [ "$(ls stopped 2>/dev/null | wc -l)" -ge "$count" ] && living | grep -q "$program"; then break; fi
    sleep 0.1
  done
  living >lived
  kill -INT $pid
  wait $pid || code=$?
  return $code
}
interrupted_json() {
  local code=0
  interrupt . 5 good patient --json >interrupted.json || code=$?
  jq .interrupted interrupted.json
  return $code
}
proof patient-cadical "$hard" "$fails" unwind=13 seconds=600 'solver="cadical"'
for name in patient patient-cadical; do
  program=ld-linux
  [ $name = patient ] || program=cadical
  expect 11 "^$name +not finished +[0-9.]+/[0-9.]+/[0-9.]+ " interrupt $program 2 $name
  expect 0 "$program" cat lived
  expect 0 '^0$' sh -c "$(declare -f living); living | wc -l"
  expect 0 '^2$' sh -c 'ls stopped | wc -l'
done
expect 11 '^good +proved' interrupt . 5 good patient
expect 11 '^summary: 1 of 2 proved, 1 not finished, .* interrupted$' interrupt . 5 good patient
expect 11 '^true$' interrupted_json
expect 0 '^0$' left_behind

expect 0 'vacuous  ' "$labyrinth" prove --help
expect 64 'jobs' "$labyrinth" prove --jobs -1
finish
