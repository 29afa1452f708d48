#!/usr/bin/env bash
# Every construct of LLVM IR that the lowering knows, alone: constructs/*.ll are lowered and decided by CBMC.
#   constructs_test.sh BUILD-DIRECTORY [FILE.ll...]
# In these files @"some text" is what a proof says, and iN, MIN, MAX, LAST, BITS stand for each width that the line
# `; WIDTHS:` names. An assertion whose text begins with FAILS must fail, and so must as many others of a text as a line
# `; FAILS: TEXT: COUNT` says; all others must hold.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

# The file as LLVM IR, for one width.
for_width() {
  local width=$1 file=$2 as='' min='' max=''
  case $width in
    8 | 16 | 24 | 32 | 56) as=trunc ;;
    64) as=add ;;
    128) as=sext ;;
  esac
  case $width in
    8 | 16 | 24 | 32 | 56) min=$((-(1 << (width - 1)))) max=$(((1 << (width - 1)) - 1)) ;;
    64) min=-9223372036854775808 max=9223372036854775807 ;;
    128) min=-170141183460469231731687303715884105728 max=170141183460469231731687303715884105727 ;;
  esac
  cat "$here/prelude.ll"
  # A cast of 64 bits to 64 does not exist.
  sed -E -e "s/\bAS_N i64 (%[a-z]+) to iN/$([ "$as" = add ] && echo 'add i64 \1, 0' || echo "$as i64 \\1 to iN")/" \
    -e "s/\biN\b/i$width/g; s/\.iN\b/.i$width/g; s/-MAX\b/-$max/g; s/\bMIN\b/$min/g; s/\bMAX\b/$max/g" \
    -e "s/\bNEXT\b/$((width + 1))/g; s/\bLAST\b/$((width - 1))/g; s/\bBITS\b/$width/g" "$file"
  grep -Eo '@"[^"]+"' "$file" | sort -u | while IFS= read -r name; do
    local text=${name:2:-1}
    # Hexadecimal escapes in a name and in a text are the same; each is one byte.
    local plain=${text//\\??/x}
    printf '%s = private constant [%d x i8] c"%s\\00"\n' "$name" $((${#plain} + 1)) "$text"
  done
}

# What was decided otherwise than the file says.
decide() {
  local width=$1 file=$2
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  local name
  name=$(basename "$file")$([ "$width" = 0 ] || echo " at $width bits")
  for_width "$width" "$file" >"$scratch/in.ll"
  if ! "$build/labyrinth-lower" --as-is "$scratch/in.ll" -o "$scratch/out.c" >"$scratch/log" 2>&1; then
    echo "FAILED: $name: the lowering refuses it:" && head -n 5 "$scratch/log"
    return 1
  fi
  local code=0
  "$cbmc" "$scratch/out.c" --function proof --no-standard-checks --bounds-check --pointer-check --unwind 20 \
    --unwinding-assertions --json-ui >"$scratch/json" 2>"$scratch/log" || code=$?
  if [ $code -ne 0 ] && [ $code -ne 10 ]; then
    echo "FAILED: $name: CBMC ends with exit code $code:"
    { cat "$scratch/log"; jq -r '.[].messageText // empty' "$scratch/json"; } | tail -n 8
    return 1
  fi
  jq -r '.[].result // empty | .[] | .status + " " + .description' "$scratch/json" | sort >"$scratch/decided"
  {
    sed -nE 's/^; FAILS: (.*): ([0-9]+)$/\2 \1/p' "$file" | while read -r count text; do
      for ((i = 0; i < count; ++i)); do echo "FAILURE $text"; done
    done
    # Texts that are said more than once are counted as often.
    grep -Eo 'labyrinth_prove\(i1 [^,]*, ptr @"FAILS [^"]*"' "$file" | sed -E 's/.*@"(.*)"/FAILURE \1/'
  } | sort >"$scratch/wanted"
  grep '^FAILURE' "$scratch/decided" | diff "$scratch/wanted" - >"$scratch/difference" || {
    echo "FAILED: $name: these should have failed (<), these should have held (>):"
    grep '^[<>]' "$scratch/difference"
    return 1
  }
  grep -c '^SUCCESS' "$scratch/decided" >"$scratch/held" || true
  if grep -v '^SUCCESS\|^FAILURE' "$scratch/decided"; then
    echo "FAILED: $name: what is above was not decided"
    return 1
  fi
  echo "ok $(cat "$scratch/held") $(wc -l <"$scratch/wanted")"
}

if [ "${1:-}" = --one ]; then
  build=$2 cbmc=$3
  decide "$4" "$5"
  exit
fi
build=$(cd "${1:?usage: $0 BUILD-DIRECTORY [FILE.ll...]}" && pwd)
shift
cbmc=$("$here/../../../ci/cbmc" --where)
files=("$@")
[ ${#files[@]} -gt 0 ] || files=("$here"/constructs/*.ll)
runs=()
for file in "${files[@]}"; do
  widths=$(sed -n 's/^; WIDTHS: //p' "$file")
  for width in ${widths:-0}; do runs+=("$width" "$file"); done
done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
printf '%s\0' "${runs[@]}" | xargs -0 -n 2 -P "$(nproc)" "$0" --one "$build" "$cbmc" >"$log" 2>&1 || true
grep -v '^ok ' "$log" || true
awk -v runs=$((${#runs[@]} / 2)) '/^ok /{ ++good; held += $2; failed += $3 }
  END { print good + 0 " of " runs " runs as they must be: " held + 0 " assertions hold, " failed + 0 " fail"
        exit good != runs }' "$log"
