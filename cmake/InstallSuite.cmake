# What `cmake --install` puts where of the suite, and the component `suite` of the CMake package `labyrinth`, here in the
# build tree (-Dlabyrinth_DIR=BUILD) and there.
#
# Programs look for what belongs to them beside themselves, so an installed tree has one folder that looks as the build tree
# does, lib/labyrinth; bin/labyrinth is a link into it. Every path is relative: the prefix can be moved.
include(GNUInstallDirs)

set(harnesses ${LABYRINTH_HARNESS_PROGRAMS} differential_fuzzer)
foreach(harness ${LABYRINTH_HARNESS_PROGRAMS})
  add_executable(labyrinth::${harness} ALIAS ${harness})
endforeach()
add_executable(labyrinth::afl ALIAS labyrinth_afl)

set(suite ${CMAKE_INSTALL_LIBDIR}/labyrinth)
install(TARGETS labyrinth_command labyrinth_afl RUNTIME DESTINATION ${suite})
install(TARGETS ${harnesses} RUNTIME DESTINATION ${suite}/fuzz)
if(TARGET labyrinth_afl_mutator)
  install(TARGETS labyrinth_afl_mutator LIBRARY DESTINATION ${suite}/fuzz)
endif()
install(TARGETS reference LIBRARY DESTINATION ${suite}/targets)
install(TARGETS reference-plain LIBRARY DESTINATION ${suite}/targets/plain)
# Not part of what is built by default.
install(FILES $<TARGET_FILE:reference-sanitized> DESTINATION ${suite}/targets/sanitized OPTIONAL)
install(FILES ${PROJECT_SOURCE_DIR}/machine/include/labyrinth/machine/target.h
  ${PROJECT_SOURCE_DIR}/machine/include/labyrinth/machine/machine.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/labyrinth/machine)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/corpus/seeds DESTINATION ${CMAKE_INSTALL_DATADIR}/labyrinth/corpus)

# labyrinth_install_link(LINK TO): a link at LINK, below the prefix, that says where TO is from there.
function(labyrinth_install_link link to)
  cmake_path(GET link PARENT_PATH folder)
  cmake_path(RELATIVE_PATH to BASE_DIRECTORY ${folder} OUTPUT_VARIABLE way)
  install(CODE "
    file(MAKE_DIRECTORY \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${folder}\")
    file(CREATE_LINK \"${way}\" \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${link}\" SYMBOLIC)")
endfunction()
labyrinth_install_link(${CMAKE_INSTALL_BINDIR}/labyrinth ${suite}/labyrinth)
# Not everywhere (properties/native/CMakeLists.txt).
if(TARGET labyrinth_native)
  install(TARGETS labyrinth_native RUNTIME DESTINATION ${suite})
  labyrinth_install_link(${CMAKE_INSTALL_BINDIR}/labyrinth_native ${suite}/labyrinth_native)
endif()
labyrinth_install_link(${suite}/corpus ${CMAKE_INSTALL_DATADIR}/labyrinth/corpus)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/corpus ${CMAKE_BINARY_DIR}/corpus SYMBOLIC)

# The package. In the build tree it has this component alone, whose paths are whole ones.
set(programs ${CMAKE_BINARY_DIR})
set(includes ${PROJECT_SOURCE_DIR}/machine/include)
set(functions ${CMAKE_CURRENT_LIST_DIR}/AddTarget.cmake)
configure_file(cmake/labyrinthSuite.cmake.in ${CMAKE_BINARY_DIR}/labyrinthConfig.cmake @ONLY)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/labyrinth)
foreach(path suite CMAKE_INSTALL_INCLUDEDIR)
  cmake_path(RELATIVE_PATH ${path} BASE_DIRECTORY ${package} OUTPUT_VARIABLE way)
  set(${path}_from_package "\${CMAKE_CURRENT_LIST_DIR}/${way}")
endforeach()
set(programs ${suite_from_package})
set(includes ${CMAKE_INSTALL_INCLUDEDIR_from_package})
set(functions "\${CMAKE_CURRENT_LIST_DIR}/AddTarget.cmake")
configure_file(cmake/labyrinthSuite.cmake.in ${CMAKE_BINARY_DIR}/cmake/labyrinthSuite.cmake @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/cmake/labyrinthSuite.cmake cmake/AddTarget.cmake DESTINATION ${package})
