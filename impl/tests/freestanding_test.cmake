# The allocator's object code may need nothing from outside but the memory functions that every compiler assumes.
execute_process(COMMAND "${LINKER}" -r -o "${OUTPUT}" ${OBJECTS} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${NM}" --undefined-only --format=posix "${OUTPUT}" OUTPUT_VARIABLE symbols
                COMMAND_ERROR_IS_FATAL ANY)
string(REGEX REPLACE "(^|\n)(memcpy|memmove|memset|memcmp|_GLOBAL_OFFSET_TABLE_) U[^\n]*" "" symbols "${symbols}")
string(STRIP "${symbols}" symbols)
if(symbols)
  message(FATAL_ERROR "impl/ is no longer freestanding; it needs:\n${symbols}")
endif()
