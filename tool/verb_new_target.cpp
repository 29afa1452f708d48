// labyrinth new-target: writes the skeleton of tool/skeleton, which is in this program.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "exit_codes.hpp"
#include "finding.hpp"
#include "input.hpp"
#include "labyrinth/embedded/skeleton.hpp"
#include "new_target.hpp"

namespace labyrinth::tool {
namespace {

namespace fs = std::filesystem;

struct File {
  fs::path path;
  std::string text;
};

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

/// Those for every language, and those for this one.
[[nodiscard]] std::vector<File> files_of(const NewTargetOptions& options, const std::string& name) {
  std::vector<File> files;
  for (const auto& [path, text] : embedded::skeleton) {
    const std::size_t slash = path.find('/');
    const std::string_view folder = path.substr(0, slash);
    if (folder != "common" && folder != options.language) continue;
    File file{fs::path(options.directory) / path.substr(slash + 1), std::string(text)};
    replace_all(file.text, "@name@", name);
    replace_all(file.text, "@adapter@", options.language == "c" ? "adapter.c" : "adapter.cpp");
    files.push_back(std::move(file));
  }
  return files;
}

/// What is the name of a file, a CMake target and a word for a shell at once.
[[nodiscard]] bool is_name(const std::string& name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && letter(name.front()) &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string::npos;
}

/// The folder of labyrinthConfig.cmake that goes with this program: in a build tree its own, else the
/// installed one.
[[nodiscard]] std::string package() {
  const fs::path here = program_directory();
  std::error_code ignored;
  if (fs::exists(here / "labyrinthConfig.cmake", ignored)) return here;
  return here.parent_path() / "cmake" / "labyrinth";
}

/// All of them or none; 0, or the exit code.
[[nodiscard]] int write_all(const std::vector<File>& files) {
  for (const File& file : files) {
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(file.path, ignored))) {
      fmt::print(stderr,
                 "labyrinth: {} is there already, so nothing was written: name a directory that is new\n",
                 file.path.string());
      return kBadUsage;
    }
  }
  std::vector<fs::path> written;
  for (const File& file : files) {
    std::error_code failed;
    fs::create_directories(file.path.parent_path(), failed);
    const int error = failed ? failed.value() : write_new(file.path, file.text);
    if (error == 0) {
      written.push_back(file.path);
      continue;
    }
    for (const fs::path& path : written) fs::remove(path, failed);
    fmt::print(stderr, "labyrinth: {} cannot be written: {}; nothing was left behind but folders\n",
               file.path.string(), std::strerror(error));
    return kUnreadable;
  }
  return 0;
}

}  // namespace

CLI::App* add_new_target(CLI::App& app, NewTargetOptions& options) {
  CLI::App* const verb = app.add_subcommand(
      "new-target",
      "Write a folder to start from: a small allocator, its adapter, and what builds it as a target.\n"
      "  labyrinth new-target my-allocator\n"
      "Nothing is overwritten. docs/your-allocator.md goes on from there.");
  verb->add_option("directory", options.directory, "Where to write it; its name is the target's")->required();
  verb->add_option("--name", options.name, "Of the target, instead");
  verb->add_option("--language", options.language, "Of the allocator")
      ->check(CLI::IsMember({"c", "c++"}))
      ->capture_default_str();
  verb->add_flag("--json", options.json, "Print one JSON object instead of text");
  return verb;
}

int verb_new_target(const NewTargetOptions& options) {
  const fs::path directory = fs::absolute(options.directory).lexically_normal();
  const std::string last = (directory.has_filename() ? directory : directory.parent_path()).filename();
  const std::string name = options.name.empty() ? last : options.name;
  if (!is_name(name)) {
    fmt::print(stderr,
               "labyrinth: `{}` is no name for a target: letters, digits, _ and - are, a letter first; say "
               "--name NAME\n",
               name);
    return kBadUsage;
  }
  const std::vector<File> files = files_of(options, name);
  if (const int code = write_all(files); code != 0) return code;

  const std::string build = (fs::path(options.directory) / "build").string();
  const std::string target = (fs::path(build) / "targets" / (name + ".so")).string();
  const std::vector<std::string> commands{
      fmt::format("cmake -G Ninja -S {} -B {} -Dlabyrinth_DIR={}", quoted(options.directory), quoted(build),
                  quoted(package())),
      fmt::format("cmake --build {}", quoted(build)),
      fmt::format("labyrinth run --target {} --count 100000", quoted(target))};
  if (options.json) {
    nlohmann::json paths = nlohmann::json::array();
    for (const File& file : files) paths.push_back(file.path.string());
    fmt::print("{}\n", nlohmann::json{{"name", name}, {"files", paths}, {"next", commands}}.dump(2));
    return kClean;
  }
  for (const File& file : files) fmt::print("{}\n", file.path.string());
  fmt::print("\n");
  for (const std::string& command : commands) fmt::print("  {}\n", command);
  return kClean;
}

}  // namespace labyrinth::tool
