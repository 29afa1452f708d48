# Interrupts at every instruction (docs/stepping.md): the program labyrinth_step, and what it steps through.
#
# labyrinth_add_stepped(NAME LIBRARY): the objects of the static library LIBRARY as they are, in a shared object of their own, so that its
# instructions can be told from all others; and targets/stepped/NAME.so, the reference allocator's adapter, which calls them.
function(labyrinth_add_stepped name library)
  set(folder ${CMAKE_BINARY_DIR}/targets/stepped)
  add_library(stepped-${name}-library SHARED EXCLUDE_FROM_ALL $<TARGET_OBJECTS:${library}>)
  set_target_properties(stepped-${name}-library PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME ${name}-library
    LIBRARY_OUTPUT_DIRECTORY ${folder})
  # Calls within the library go straight to what they mean, as they do where it is linked statically.
  target_link_options(stepped-${name}-library PRIVATE -Wl,-Bsymbolic -Wl,--build-id=sha1 -nostdlib++)
  set(adapter ${PROJECT_SOURCE_DIR}/targets)
  add_library(stepped-${name} MODULE EXCLUDE_FROM_ALL ${adapter}/reference.cpp ${adapter}/reference_mapper.cpp ${adapter}/reference_objects.cpp)
  set_target_properties(stepped-${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${folder})
  target_include_directories(stepped-${name} PRIVATE ${LABYRINTH_MACHINE_INCLUDES} ${PROJECT_SOURCE_DIR}/impl/include)
  target_compile_options(stepped-${name} PRIVATE ${LABYRINTH_PLAIN_OPTIONS})
  target_link_options(stepped-${name} PRIVATE -Wl,--build-id=sha1 -Wl,--defsym=labyrinth_target_plain=1)
  target_link_libraries(stepped-${name} PRIVATE stepped-${name}-library)
endfunction()

set(here ${CMAKE_CURRENT_LIST_DIR})
# 77: the program says that it is skipped.
add_test(NAME step COMMAND ${here}/step_test.sh ${CMAKE_BINARY_DIR})
set_tests_properties(step PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77)
if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" OR CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  add_executable(labyrinth_step ${here}/step_elsewhere.cpp)
  target_include_directories(labyrinth_step PRIVATE ${PROJECT_SOURCE_DIR}/tool)
  target_link_libraries(labyrinth_step PRIVATE labyrinth_warnings)
  set_target_properties(labyrinth_step PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/properties)
  return()
endif()
include(${PROJECT_SOURCE_DIR}/cmake/AddShippedMutant.cmake)
set(step_mutants
  live-bit-lost-in-kfree
  lost-update-in-free
  undo-gives-back-neighbour)
labyrinth_add_stepped(reference labyrinth)
set_target_properties(stepped-reference PROPERTIES EXCLUDE_FROM_ALL OFF)
foreach(mutant ${step_mutants})
  labyrinth_add_shipped_mutant(${mutant})
  labyrinth_add_stepped(${mutant} shipped-${mutant})
  set_target_properties(stepped-${mutant} PROPERTIES EXCLUDE_FROM_ALL OFF)
endforeach()

find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
add_executable(labyrinth_step
  ${here}/step_code.cpp
  ${here}/step_main.cpp
  ${here}/step_report.cpp
  ${here}/step_scenes.cpp
  ${here}/step_search.cpp
  ${here}/step_stepper.cpp
  ${here}/step_tracer.cpp
  ${here}/step_trace.cpp)
target_include_directories(labyrinth_step PRIVATE ${PROJECT_SOURCE_DIR}/machine/src ${PROJECT_SOURCE_DIR}/tool)
target_link_libraries(labyrinth_step PRIVATE labyrinth_findings labyrinth_fuzz labyrinth_machine labyrinth_warnings CLI11::CLI11
  nlohmann_json::nlohmann_json)
set_target_properties(labyrinth_step PROPERTIES UNITY_BUILD ON ENABLE_EXPORTS ON RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/properties)
