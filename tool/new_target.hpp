// labyrinth new-target: a folder with an allocator, its adapter and all it takes to put it under test, to
// start from.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace labyrinth::tool {

struct NewTargetOptions {
  std::string directory;         ///< Is made; may be there already, if none of the files is.
  std::string name;              ///< Of the target; "": the directory's.
  std::string language = "c++";  ///< Or "c".
  bool json = false;
};

CLI::App* add_new_target(CLI::App& app, NewTargetOptions& options);

[[nodiscard]] int verb_new_target(const NewTargetOptions& options);

}  // namespace labyrinth::tool
