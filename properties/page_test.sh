#!/usr/bin/env bash
# The page of a run, in a real browser (Debian's Chromium): what it shows at a step, and that it can be walked through.
set -euo pipefail
. "$(dirname "$0")/expect.sh"
cd "$scratch"
mutant=$build/targets/mutant-lost-update-in-free.so
cp "$source_dir/corpus/regressions/lost-update-in-free.trace" '<b>&.trace'

# in_browser FILE [HASH]: the document as the browser has it once its script has run. $HOME: a profile of its own.
in_browser() {
  HOME=$scratch timeout 120 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --virtual-time-budget=5000 \
    --dump-dom "file://$scratch/$1${2:-}" 2>browser.log >dom || { tail -n 5 browser.log; return 1; }
}
shows() { expect 0 "$1" cat dom; }
hides() { expect 1 '' grep -E -- "$1" dom; }

expect 10 '' "$labyrinth" replay --target "$mutant" --html page.html '<b>&.trace'
expect 1 '' grep -Eo '(src|href)=|https?://' page.html   # It needs nothing else.
in_browser page.html
shows '<b>X3 is broken: </b>'
shows '<h1 id="title">&lt;b&gt;&amp;.trace on '
shows 'id="count">25 of 25<'
shows 'title="frame 0: free"'
shows 'title="frame 1: given to task 1 cpu 0"'
shows 'labyrinth minimize --target'
hides '@RUN@'

in_browser page.html '#step=9'
shows 'id="count">9 of 25<'
shows 'id="what"[^>]*>CPU 0, task 0 cpu 0: a answers ok, frame 0<'
shows 'title="frame 0: given to task 0 cpu 0"'
shows 'title="frame 1: free"'
in_browser page.html '#step=12'
shows 'title="frame 0: being freed"'

# By key, by button, by slider, by a click on a step; and without the accesses.
walk() { sed "s#</body>#<script>$1</script></body>#" page.html >walked.html; in_browser walked.html '#step=9'; }
walk "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));"
shows 'id="count">10 of 25<'
walk "document.getElementById('back').click();"
shows 'id="count">8 of 25<'
walk "const s = document.getElementById('step'); s.value = 3; s.dispatchEvent(new Event('input'));"
shows 'id="count">3 of 25<'
walk "document.querySelectorAll('tbody tr')[21].click();"
shows 'id="what"[^>]*>CPU 0, task 1 cpu 0: b answers ok, frame 1<'
walk "document.getElementById('accesses').click();"
expect 0 '^18$' grep -c 'tr class="access[^"]*" hidden' <(sed 's/<tr/\n<tr/g' dom)

# Interrupts nested on one CPU, another CPU beside it, and a clean run.
expect 0 '' "$labyrinth" replay --html nested.html "$source_dir/corpus/seeds/nested-to-nmi.trace"
in_browser nested.html
shows '<p>clean</p>'
shows 'margin-left: 3.6rem'   # Three levels deep
shows '<th>CPU 0</th>'

# All frames of a bulk, and of several blocks at once, until they are freed.
cat >bulk.trace <<'EOF'
labyrinth trace 1
machine cpus=1 frames=64 zone=normal:64 min=4 low=4 high=4
task 0 cpu 0
  a = bulk kernel count=6
  b = alloc kernel order=1
  free a
EOF
expect 0 '' "$labyrinth" replay --html bulk.html bulk.trace
given() { expect 0 "^$1\$" sh -c "grep -Eo 'title=\"frame [0-9]+: given to task 0 cpu 0\"' dom | wc -l"; }
steps=$("$labyrinth" replay --show bulk.trace | awk '/ answers ok/ { print $1 }')
set -- $steps
in_browser bulk.html "#step=$1"
given 6
in_browser bulk.html "#step=$2"
given 8
in_browser bulk.html "#step=$3"
given 2
hides 'only the first frame'

expect 64 'a page of one trace' "$labyrinth" replay --html two.html "$source_dir"/corpus/seeds/prepaid-words.trace "$source_dir"/corpus/seeds/nested-to-nmi.trace
expect 11 'could not be written' "$labyrinth" replay --html no/page.html "$source_dir/corpus/seeds/nested-to-nmi.trace"
finish
