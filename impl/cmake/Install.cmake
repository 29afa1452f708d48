# What `cmake --install` puts where: the libraries, their headers, a CMake package and pkg-config files. The
# latter two find the rest relative to themselves, so that an installed tree can be moved.
include(CMakePackageConfigHelpers)

set(libraries labyrinth)
if(TARGET labyrinth_userland)
  list(APPEND libraries labyrinth_userland)
endif()
install(TARGETS ${libraries} EXPORT labyrinth ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/labyrinth)
install(EXPORT labyrinth FILE labyrinthTargets.cmake NAMESPACE labyrinth:: DESTINATION ${package_dir})
configure_package_config_file(cmake/labyrinthConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/labyrinthConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/labyrinthConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/labyrinthConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/labyrinthConfigVersion.cmake
  DESTINATION ${package_dir})

set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}/${pkgconfig_dir}
  OUTPUT_VARIABLE libdir_from_pc)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_INCLUDEDIR BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}/${pkgconfig_dir}
  OUTPUT_VARIABLE includedir_from_pc)
foreach(library ${libraries})
  configure_file(cmake/${library}.pc.in ${CMAKE_CURRENT_BINARY_DIR}/${library}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${library}.pc DESTINATION ${pkgconfig_dir})
endforeach()
