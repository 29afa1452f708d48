# labyrinth_add_shipped_mutant(NAME): the library `labyrinth` as it ships, with the bug of proofs/mutants/NAME.patch put back in.
#
# Targets shipped-NAME and shipped-NAME-userland: what labyrinth and labyrinth_userland are, with the same sources, the same
# flags and no hooks; link one of them in the place of those. The patched tree is build/shipped/NAME: one of its own, so that
# presets that build no proofs (a sanitizer's, g++'s) have mutants, too. Asking twice for one name is no mistake.
find_program(LABYRINTH_PATCH patch REQUIRED)

function(labyrinth_add_shipped_mutant name)
  if(TARGET shipped-${name})
    return()
  endif()
  set(patch ${PROJECT_SOURCE_DIR}/proofs/mutants/${name}.patch)
  if(NOT EXISTS ${patch})
    message(FATAL_ERROR "labyrinth_add_shipped_mutant(${name}): there is no ${patch}")
  endif()
  set(tree ${CMAKE_BINARY_DIR}/shipped/${name})
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
    ${PROJECT_SOURCE_DIR}/impl/include/* ${PROJECT_SOURCE_DIR}/impl/src/* ${PROJECT_SOURCE_DIR}/impl/userland/*)
  set(folders)
  foreach(folder include src userland)
    list(APPEND folders COMMAND ${CMAKE_COMMAND} -E copy_directory ${PROJECT_SOURCE_DIR}/impl/${folder} ${tree}/impl/${folder})
  endforeach()
  list(TRANSFORM files PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE originals)
  list(TRANSFORM files PREPEND ${tree}/ OUTPUT_VARIABLE copies)
  add_custom_command(OUTPUT ${copies}
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${tree}
    ${folders}
    COMMAND ${LABYRINTH_PATCH} --quiet --no-backup-if-mismatch -p1 -i ${patch} -d ${tree}
    DEPENDS ${patch} ${originals}
    COMMENT "Putting a bug back in as it would ship: ${name}" VERBATIM)
  add_custom_target(shipped-${name}-tree DEPENDS ${copies})

  foreach(library labyrinth labyrinth_userland)
    set(mutant shipped-${name})
    if(library STREQUAL "labyrinth_userland")
      set(mutant shipped-${name}-userland)
    endif()
    get_target_property(sources ${library} SOURCES)
    get_target_property(folder ${library} SOURCE_DIR)
    list(TRANSFORM sources PREPEND ${folder}/ REGEX "^[^/]")
    list(TRANSFORM sources REPLACE "^${PROJECT_SOURCE_DIR}/" "${tree}/")
    add_library(${mutant} STATIC EXCLUDE_FROM_ALL ${sources})
    add_dependencies(${mutant} shipped-${name}-tree)
    foreach(property COMPILE_OPTIONS COMPILE_FEATURES UNITY_BUILD UNITY_BUILD_BATCH_SIZE)
      get_target_property(value ${library} ${property})
      if(NOT value MATCHES "NOTFOUND$")
        set_target_properties(${mutant} PROPERTIES ${property} "${value}")
      endif()
    endforeach()
    target_include_directories(${mutant} PUBLIC ${tree}/impl/include)
  endforeach()
  target_link_libraries(shipped-${name}-userland PUBLIC shipped-${name})
endfunction()
