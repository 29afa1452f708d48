// What the sanitizers' runtimes ask a program, where there is one of them; nobody asks otherwise.
extern "C" {

const char* __tsan_default_options();
const char* __msan_default_options();

/// A race is a violation (M1), and the first one says enough.
const char* __tsan_default_options() { return "halt_on_error=1:exitcode=10"; }
/// The C++ library that Debian has is not instrumented: what it wrote would pass for uninitialised.
const char* __msan_default_options() { return "intercept_memcmp=0:poison_in_dtor=0:exitcode=10"; }

}  // extern "C"
