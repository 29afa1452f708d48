# Compiles impl/ as a kernel would, for one architecture, and links it into one object: that may need nothing from outside
# but the memory functions that every compiler assumes. No compiler, no verdict: the test is then reported as skipped.
#   cmake -DCOMPILER=... -DFLAGS=... -DSOURCES=... -DINCLUDE_DIR=... -DNM=... -DSCRATCH=... -P freestanding_test.cmake
find_program(compiler ${COMPILER})
if(NOT compiler)
  message(STATUS "freestanding: skipped: there is no ${COMPILER}; ci/setup installs it")
  return()
endif()
file(REMOVE_RECURSE ${SCRATCH})
file(MAKE_DIRECTORY ${SCRATCH})
execute_process(
  COMMAND ${compiler} ${FLAGS} -std=c++20 -O2 -ffreestanding -nostdlib -fno-exceptions -fno-rtti
          -Wall -Wextra -Wconversion -Wsign-conversion -Wcast-align -Werror -I${INCLUDE_DIR} -c ${SOURCES}
  WORKING_DIRECTORY ${SCRATCH} COMMAND_ERROR_IS_FATAL ANY)
file(GLOB objects ${SCRATCH}/*.o)
list(LENGTH objects object_count)
list(LENGTH SOURCES source_count)
if(NOT object_count EQUAL source_count)
  message(FATAL_ERROR "${COMPILER} made ${object_count} objects of ${source_count} sources")
endif()
execute_process(COMMAND ${compiler} ${FLAGS} -nostdlib -r -o ${SCRATCH}/all.o ${objects} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${NM} --format=posix ${SCRATCH}/all.o OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
if(NOT symbols MATCHES "(^|\n)labyrinth_alloc_page T")
  message(FATAL_ERROR "the linked object does not define labyrinth_alloc_page, so this looked at the wrong thing:\n${symbols}")
endif()
string(REGEX MATCHALL "[^\n ]+ U" needed "${symbols}")
# The linker makes the offset table of position-independent code itself.
list(REMOVE_ITEM needed "memcpy U" "memmove U" "memset U" "memcmp U" "_GLOBAL_OFFSET_TABLE_ U")
if(needed)
  message(FATAL_ERROR "impl/ is no longer freestanding with ${COMPILER} ${FLAGS}; it needs: ${needed}")
endif()
