#!/usr/bin/env bash
# Builds the harnesses by the contract of OSS-Fuzz and ClusterFuzzLite: from $CC, $CXX, $CFLAGS, $CXXFLAGS and
# $LIB_FUZZING_ENGINE into $OUT, one program a harness with its seed corpus, dictionary and options, the targets in
# $OUT/targets, and in $OUT/lib what a bare runner lacks. $WORK keeps the build, for the next time.
#   CC=clang-19 CXX=clang++-19 CFLAGS=... LIB_FUZZING_ENGINE=-fsanitize=fuzzer OUT=/somewhere ci/oss-fuzz/build.sh
# The builder's flags are for harnesses, machine and model; targets have instrumentation of their own (cmake/AddTarget.cmake).
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${OUT:?build.sh: OUT says where to}" "${LIB_FUZZING_ENGINE:?build.sh: LIB_FUZZING_ENGINE says what drives a harness}"
WORK=${WORK:-$(pwd)/build/oss-fuzz}
# Fibers' stacks are no frames that AddressSanitizer could move to its heap.
flags=-fsanitize-address-use-after-return=never
harnesses=(interleaved_fuzzer sequential_fuzzer differential_fuzzer trace_text_fuzzer trace_binary_fuzzer)
# The only one whose targets have sanitizers.
sanitized=sequential_sanitized_fuzzer

cmake -G Ninja -S . -B "$WORK" -DCMAKE_BUILD_TYPE=None -DBUILD_TESTING=OFF \
  -DCMAKE_C_COMPILER="${CC:-clang-19}" -DCMAKE_CXX_COMPILER="${CXX:-clang++-19}" \
  -DCMAKE_C_FLAGS="${CFLAGS:-} $flags" -DCMAKE_CXX_FLAGS="${CXXFLAGS:-} $flags" \
  -DCMAKE_EXE_LINKER_FLAGS="-fuse-ld=lld -Wl,-rpath,\\\$ORIGIN/lib" -DCMAKE_MODULE_LINKER_FLAGS=-fuse-ld=lld \
  -DLABYRINTH_FUZZING_ENGINE="$LIB_FUZZING_ENGINE" -DLABYRINTH_PROOFS=quick >/dev/null
ninja -C "$WORK" "${harnesses[@]}" $sanitized fuzz_seeds reference reference-plain reference-sanitized

mkdir -p "$OUT"/targets/plain "$OUT"/targets/sanitized "$OUT"/lib
for harness in "${harnesses[@]}" $sanitized; do
  cp "$WORK/fuzz/$harness" "$OUT/"
  for file in "$WORK/fuzz/$harness".dict "$WORK/fuzz/$harness".options "$WORK/fuzz/${harness}_seed_corpus.zip"; do
    if [ -e "$file" ]; then cp "$file" "$OUT/"; fi
  done
done
# The same inputs as of its sister.
for end in .dict .options _seed_corpus.zip; do cp "$OUT/sequential_fuzzer$end" "$OUT/$sanitized$end"; done
sed -i "s/sequential_fuzzer/$sanitized/" "$OUT/$sanitized.options"
cp "$WORK/targets/reference.so" "$OUT/targets/"
cp "$WORK/targets/plain/reference.so" "$OUT/targets/plain/"
cp "$WORK/targets/sanitized/reference.so" "$OUT/targets/sanitized/"
# A runner has the C library and no more.
for program in "${harnesses[@]}" $sanitized; do ldd "$OUT/$program"; done |
  awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
  grep -E '/lib(fmt|boost_[a-z]+|crypto)[.-]' | xargs -r cp -L -t "$OUT/lib/"
echo "build.sh: ${#harnesses[@]} harnesses and a sanitized one in $OUT"
