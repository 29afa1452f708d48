# labyrinth_add_target(NAME SOURCES ... [ADAPTER ...] [INCLUDES ...] [OPTIONS ...] [LIBRARIES ...] [UNITY] [PLAIN])
#
# Builds a shared object for `labyrinth --target`: unmodified C or C++ sources, each memory access calling out to the
# machine, each edge counted for the fuzzers; plus an adapter, which fills in labyrinth/machine/target.h. UNITY: as one
# translation unit. PLAIN: what it tests is in LIBRARIES, which nobody compiled for us, so that no access calls out at all.
# In this tree, and elsewhere after find_package(labyrinth REQUIRED COMPONENTS suite), in the same folder
# or above (docs/your-allocator.md). It lies in targets/ of the build.
#
# And the same twice more for the harness `sequential` (docs/harnesses.md), under the same name in other folders, without
# calls out to the machine: targets NAME-plain, and NAME-sanitized with AddressSanitizer and UBSan. Only the first one is
# part of what is built by default.
#
# NAME-harnesses, when it is asked for: fuzzers by the contract of OSS-Fuzz, NAME-interleaved_fuzzer and its like, and
# NAME-afl for AFL++, beside targets/. They are the harnesses as they are, which see by their own names what to test.
#
#  -fsanitize=thread is given to the compiler and not to the linker: the hooks are the machine's.
#  tsan-instrument-read-before-write: clang drops the read of `x = x + 1` otherwise.
#  -femulated-tls: thread-locals belong to the machine's tasks, not to the host thread that runs them all. g++ has no
#    such option: its thread-locals are those of the host thread, shared by all tasks.
#  --wrap: the compilers leave memcpy and memset as plain calls, and the heap must be deterministic.
#  -fno-builtin-memcpy: else g++ expands those of known size in place without hooks, and clang makes one access of 3, 5,
#    6 or 7 bytes of a copy out of a local, which its instrumentation passes over. Both pass over the store of a struct of
#    such a size that a function returned in registers.
set(LABYRINTH_HOOK_OPTIONS
  -fsanitize=thread -fno-builtin-memcpy -fno-builtin-memmove -fno-builtin-memset -fno-plt -fvisibility=hidden -fno-exceptions -O2 -g)
set(LABYRINTH_HOOK_OPTIONS_CLANG -femulated-tls
  "SHELL:-mllvm -tsan-instrument-read-before-write=1" "SHELL:-mllvm -tsan-distinguish-volatile=1"
  "SHELL:-mllvm -tsan-instrument-func-entry-exit=0")
set(LABYRINTH_HOOK_OPTIONS_GCC --param=tsan-distinguish-volatile=1 --param=tsan-instrument-func-entry-exit=0)
set(LABYRINTH_COVERAGE_OPTIONS -fsanitize-coverage=inline-8bit-counters,pc-table)
# What of the C library is the machine's (machine/src/hooks_posix*.cpp).
set(LABYRINTH_POSIX_CALLS
  mmap munmap mprotect madvise memalign posix_memalign realloc
  _ZnwmSt11align_val_t _ZnamSt11align_val_t _ZdlPvSt11align_val_t _ZdlPvmSt11align_val_t
  _ZdaPvSt11align_val_t _ZdaPvmSt11align_val_t
  pthread_self gettid
  sched_getcpu getcpu sched_yield sleep usleep nanosleep clock_nanosleep poll select syscall thrd_sleep thrd_yield
  pthread_mutex_init pthread_mutex_destroy pthread_mutex_lock pthread_mutex_trylock pthread_mutex_timedlock pthread_mutex_unlock
  mtx_init mtx_destroy mtx_lock mtx_trylock mtx_timedlock mtx_unlock
  pthread_spin_init pthread_spin_destroy pthread_spin_lock pthread_spin_trylock pthread_spin_unlock
  pthread_rwlock_init pthread_rwlock_destroy pthread_rwlock_rdlock pthread_rwlock_tryrdlock
  pthread_rwlock_wrlock pthread_rwlock_trywrlock pthread_rwlock_unlock
  pthread_once call_once __cxa_guard_acquire __cxa_guard_release __cxa_guard_abort
  pthread_cond_init pthread_cond_destroy pthread_cond_wait pthread_cond_timedwait pthread_cond_signal pthread_cond_broadcast
  cnd_init cnd_destroy cnd_wait cnd_timedwait cnd_signal cnd_broadcast
  _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE
  _ZNSt18condition_variable10notify_oneEv _ZNSt18condition_variable10notify_allEv
  pthread_key_create pthread_key_delete pthread_getspecific pthread_setspecific
  tss_create tss_delete tss_get tss_set
  pthread_join pthread_detach thrd_create thrd_join thrd_detach
  _ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE _ZNSt6thread4joinEv
  signal sigaction sigprocmask pthread_sigmask pthread_kill raise fork
  sem_init sem_destroy sem_wait sem_trywait sem_timedwait sem_post sem_getvalue)
# The linker's --wrap would find libgcc's own __wrap_pthread_create, which is there for -fsplit-stack.
set(LABYRINTH_POSIX_DEFINITIONS pthread_create=labyrinth_pthread_create)
list(TRANSFORM LABYRINTH_POSIX_CALLS PREPEND "-Wl,--wrap=" OUTPUT_VARIABLE LABYRINTH_WRAP_POSIX_CALLS)

# And of memory, which the compiler calls on its own account, too.
set(LABYRINTH_HEAP_CALLS
  memcpy memmove memset malloc free calloc aligned_alloc _Znwm _Znam _ZdlPv _ZdlPvm _ZdaPv _ZdaPvm)
list(TRANSFORM LABYRINTH_HEAP_CALLS PREPEND "-Wl,--wrap=" OUTPUT_VARIABLE LABYRINTH_WRAP_HEAP_CALLS)

set(LABYRINTH_TARGET_LINK_OPTIONS
  -Wl,--build-id=sha1 ${LABYRINTH_WRAP_HEAP_CALLS} -Wl,--wrap=__sanitizer_cov_8bit_counters_init
  -Wl,--wrap=__sanitizer_cov_pcs_init ${LABYRINTH_WRAP_POSIX_CALLS})

# Plain ones say so. The machine counts nothing there and still owns heap, thread-locals and whole frames.
set(LABYRINTH_PLAIN_OPTIONS -fvisibility=hidden -fno-exceptions -femulated-tls -O2 -g)
set(LABYRINTH_SANITIZED_OPTIONS -fvisibility=hidden -fno-exceptions -femulated-tls -O1 -g -fno-omit-frame-pointer
  -fsanitize=address,undefined -fno-sanitize=vptr,function -fno-sanitize-recover=all
  -fsanitize-address-use-after-return=never)

# Where the package says so; else this tree's.
if(NOT DEFINED LABYRINTH_MACHINE_INCLUDES)
  set(LABYRINTH_MACHINE_INCLUDES ${CMAKE_CURRENT_LIST_DIR}/../machine/include)
endif()
set(LABYRINTH_HARNESS_PROGRAMS interleaved_fuzzer sequential_fuzzer sequential_sanitized_fuzzer)

function(labyrinth_add_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "UNITY;PLAIN" "" "SOURCES;ADAPTER;INCLUDES;OPTIONS;LIBRARIES")
  if(NOT arg_SOURCES AND NOT arg_ADAPTER)
    message(FATAL_ERROR "labyrinth_add_target(${name}): say SOURCES, ADAPTER or both")
  endif()
  foreach(language C CXX)
    if(CMAKE_${language}_COMPILER AND NOT CMAKE_${language}_COMPILER_ID STREQUAL "Clang")
      message(FATAL_ERROR "labyrinth_add_target(${name}): hooks and counters are clang's, and the compiler is "
                          "${CMAKE_${language}_COMPILER}. Configure an empty build folder with "
                          "-DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19")
    endif()
  endforeach()
  foreach(kind hooked plain sanitized)
    set(target ${name}-${kind})
    set(folder ${CMAKE_BINARY_DIR}/targets/${kind})
    if(kind STREQUAL "hooked")
      set(target ${name})
      set(folder ${CMAKE_BINARY_DIR}/targets)
    endif()
    add_library(${target} MODULE ${arg_SOURCES} ${arg_ADAPTER})
    # Optimised as a whole, code gets its hooks before all of it is inlined, and loses the names that --wrap goes by.
    set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${folder}
      INTERPROCEDURAL_OPTIMIZATION OFF)
    if(arg_UNITY)
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
    endif()
    target_include_directories(${target} PRIVATE ${LABYRINTH_MACHINE_INCLUDES} ${arg_INCLUDES})
    target_link_libraries(${target} PRIVATE ${arg_LIBRARIES})
    target_compile_definitions(${target} PRIVATE ${LABYRINTH_POSIX_DEFINITIONS})
    # After the preset's own flags, so that a sanitizer build of the tools does not sanitize what is under test.
    target_compile_options(${target} PRIVATE -fno-sanitize=all)
    target_link_options(${target} PRIVATE -fno-sanitize=all ${LABYRINTH_TARGET_LINK_OPTIONS})
    if(kind STREQUAL "hooked" AND NOT arg_PLAIN)
      target_compile_options(${target} PRIVATE ${LABYRINTH_HOOK_OPTIONS} ${LABYRINTH_HOOK_OPTIONS_CLANG})
    elseif(NOT kind STREQUAL "sanitized")
      target_compile_options(${target} PRIVATE ${LABYRINTH_PLAIN_OPTIONS})
    else()
      target_compile_options(${target} PRIVATE ${LABYRINTH_SANITIZED_OPTIONS})
      set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
    if(NOT kind STREQUAL "hooked" OR arg_PLAIN)
      target_link_options(${target} PRIVATE -Wl,--defsym=labyrinth_target_plain=1)
    endif()
    target_compile_options(${target} PRIVATE ${LABYRINTH_COVERAGE_OPTIONS} ${arg_OPTIONS})
  endforeach()

  set(harnesses)
  foreach(harness ${LABYRINTH_HARNESS_PROGRAMS} afl)
    set(program $<TARGET_FILE:labyrinth::${harness}>)
    add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${name}-${harness}
      COMMAND ${CMAKE_COMMAND} -E copy ${program} ${CMAKE_BINARY_DIR}/${name}-${harness}
      DEPENDS ${program} COMMENT "Harness ${name}-${harness}" VERBATIM)
    list(APPEND harnesses ${CMAKE_BINARY_DIR}/${name}-${harness})
  endforeach()
  add_custom_target(${name}-harnesses DEPENDS ${harnesses})
  add_dependencies(${name}-harnesses ${name} ${name}-plain ${name}-sanitized)
endfunction()

# labyrinth_add_gcc_target(NAME SOURCES ...): the same with g++, one object a source by custom command, since a CMake
# project has one C++ compiler. For the tests of the hooks.
function(labyrinth_add_gcc_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;INCLUDES")
  set(objects)
  foreach(source ${arg_SOURCES})
    get_filename_component(base ${source} NAME_WE)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}_${base}.o)
    set(includes)
    foreach(include ${LABYRINTH_MACHINE_INCLUDES} ${arg_INCLUDES})
      list(APPEND includes -I${include})
    endforeach()
    add_custom_command(OUTPUT ${object}
      COMMAND g++-12 -std=c++20 -fPIC ${LABYRINTH_HOOK_OPTIONS} ${LABYRINTH_HOOK_OPTIONS_GCC} ${includes}
              -MMD -MF ${object}.d -c ${source} -o ${object}
      DEPENDS ${source} DEPFILE ${object}.d
      COMMENT "Building ${base} with g++ and hooks" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  add_library(${name} MODULE ${objects})
  set_target_properties(${name} PROPERTIES PREFIX "" LINKER_LANGUAGE CXX
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/targets)
  target_link_options(${name} PRIVATE -fno-sanitize=all ${LABYRINTH_TARGET_LINK_OPTIONS})
endfunction()
