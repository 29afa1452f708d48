# labyrinth_embed_files(TARGET HEADER FOLDER FILES...): text files as constants of a program.
#
# `#include "labyrinth/embedded/HEADER.hpp"` has the constant labyrinth::embedded::HEADER: pairs of a file's path below
# FOLDER and its text, sorted. The files are read when CMake runs, which it does again when one of them changes.
function(labyrinth_embed_files target header folder)
  set(entries "")
  set(files ${ARGN})
  list(SORT files)
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${file})
    file(READ ${folder}/${file} text)
    if(text MATCHES "\\)embedded\"")
      message(FATAL_ERROR "labyrinth_embed_files: ${file} holds the end of a raw string")
    endif()
    string(APPEND entries "    {\"${file}\", R\"embedded(${text})embedded\"},\n")
  endforeach()
  list(LENGTH files count)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded/labyrinth/embedded/${header}.hpp)
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT "// Made by labyrinth_embed_files() of files in @folder@.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace labyrinth::embedded {

inline constexpr std::array<std::pair<std::string_view, std::string_view>, @count@> @header@{{
@entries@}};

}  // namespace labyrinth::embedded
")
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/embedded)
endfunction()
