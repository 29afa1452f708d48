# labyrinth_lower(OUTPUT source.cpp INCLUDES ... [OPTIONS ...] [LOWER ...]): C for CBMC from C++, through LLVM IR.
#  -O1 without any pass: clang marks where variables' lives begin, and nothing is optimised away before it is seen.
#  -fsanitize-minimal-runtime: each check of UBSan is a call that names its kind, where it is made.
#  LOWER: what labyrinth-lower is told besides.
#  object-size is CBMC's; function and vptr need what a freestanding allocator does not have.
set(LABYRINTH_LOWER_OPTIONS -std=c++20 -O1 -g -Xclang -disable-llvm-passes -fno-exceptions -fno-rtti -ffreestanding
  -fsanitize=undefined -fno-sanitize=object-size,function,vptr -fsanitize-minimal-runtime -fno-sanitize-recover=all -Wall
  -Wextra -Werror)

function(labyrinth_lower output source)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "INCLUDES;OPTIONS;DEPENDS;ENTRIES;LOWER")
  set(flags)
  foreach(include ${arg_INCLUDES})
    list(APPEND flags -I${include})
  endforeach()
  set(entries)
  foreach(entry ${arg_ENTRIES})
    list(APPEND entries --entry ${entry})
  endforeach()
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_CXX_COMPILER} ${LABYRINTH_LOWER_OPTIONS} ${arg_OPTIONS} ${flags} -emit-llvm -c ${source} -o ${output}.bc
            -MMD -MF ${output}.d -MT ${output}
    COMMAND labyrinth_lower ${output}.bc -o ${output} ${entries} ${arg_LOWER}
    DEPENDS ${source} labyrinth_lower ${arg_DEPENDS} DEPFILE ${output}.d
    COMMENT "Lowering ${output}" VERBATIM)
endfunction()
