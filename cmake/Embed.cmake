# labyrinth_embed(TARGET FILE NAME): the text of FILE as `const std::string_view labyrinth::tool::NAME` in TARGET, for what a
# program writes out and a person edits better as a file. At most 60 kB: a string literal's limit in C++ is 64 Ki.
function(labyrinth_embed target file name)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp)
  get_filename_component(path ${file} ABSOLUTE)
  file(READ ${path} text)
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [=[
// Made of a file by labyrinth_embed().
#include <string_view>
namespace labyrinth::tool {
extern const std::string_view @name@;
const std::string_view @name@ = R"EMBEDDED(@text@)EMBEDDED";
}
]=])
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE ${source})
endfunction()
