# Shared by the tests of the command: `expect CODE WORDS COMMAND...` runs a command, with no input, and wants that exit code
# and the words (a regular expression) in what it printed. Sourced; counts failures in $failures.
build=${1:?usage: $0 BUILD-DIRECTORY}
build=$(cd "$build" && pwd)
labyrinth=$build/labyrinth
source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0
tests=0

expect() {
  local wanted=$1 words=$2 code=0
  shift 2
  tests=$((tests + 1))
  "$@" >"$scratch/out" 2>&1 </dev/null || code=$?
  if [ $code -ne "$wanted" ] || { [ -n "$words" ] && ! grep -Eq -- "$words" "$scratch/out"; }; then
    echo "FAILED: $*"
    echo "  exit code $code, wanted $wanted; wanted words: $words; it printed:"
    head -n 30 "$scratch/out" | sed 's/^/    /'
    failures=$((failures + 1))
  fi
}

finish() {
  echo "$((tests - failures)) of $tests expectations held"
  [ $failures -eq 0 ] || exit 1
}
