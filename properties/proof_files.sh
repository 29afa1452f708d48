# Shared by tests of the proofs: makes C files and a manifest in proofs/, below the current directory. Sourced.

# file NAME <<< BODY-OF-PROOF: a C file of the shape that proofs are lowered to.
file() {
  {
    cat <<'C'
void __CPROVER_assert(_Bool condition, const char *text);
void __CPROVER_assume(_Bool condition);
void __CPROVER_input(const char *name, ...);
unsigned nondet_unsigned(void);
#ifdef LABYRINTH_COVER
#define obligation(condition, text)
#define cover(name) __CPROVER_assert(0, "cover: " name)
#else
#define obligation(condition, text) __CPROVER_assert(condition, text)
#define cover(name)
#endif
C
    cat
  } >"proofs/$1.c"
}

# entry NAME [KEY=VALUE...]: into the manifest, with what a key says instead of the usual.
entry() {
  local name=$1 pair key
  shift
  declare -A keys=([statement]='"Words."' [geometry]='"16 frames"' [unwind]=9 [solver]='"built-in"' [seconds]=60
    [size]='"quick"' [clauses]='["X1", "S4"]' [cover]='["start"]' [mutant]='"wrong"')
  for pair in "$@"; do keys[${pair%%=*}]=${pair#*=}; done
  printf '[[proof]]\nname = "%s"\n' "$name"
  for key in "${!keys[@]}"; do [ -z "${keys[$key]}" ] || printf '%s = %s\n' "$key" "${keys[$key]}"; done
}

manifest() { entry "$@" >>proofs/proofs.toml; }
# proof NAME BODY BODY-OVER-THE-MUTANT [KEY=VALUE...]
proof() {
  local name=$1 body=$2 wrong=$3
  shift 3
  manifest "$name" "$@"
  file "$name" <<<"void proof(void) { $body }"
  file "$name@wrong" <<<"void proof(void) { $wrong }"
}
