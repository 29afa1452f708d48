// labyrinth-lower: LLVM IR of a proof in, C for CBMC out. Exit code 1 and no output if anything is not known.
#include <fmt/format.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Verifier.h>
#include <llvm/IRReader/IRReader.h>
#include <llvm/Support/SourceMgr.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "lowering.hpp"
#include "prepare.hpp"

// NOLINTNEXTLINE(bugprone-exception-escape): what is not foreseen ends it, and there is no output.
int main(int argc, char** argv) {
  std::string input;
  std::string output;
  std::vector<std::string> entries{"proof"};
  CLI::App app{"Lowers LLVM IR to C that CBMC can decide. What it does not know is an error."};
  app.add_option("input", input, "LLVM IR, .ll or .bc (clang++-19 -O1 -Xclang -disable-llvm-passes)")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("-o,--output", output, "The C file")->required();
  app.add_option("--entry", entries, "Functions to keep, with what they reach (default: proof)");
  bool as_is = false;
  app.add_flag("--as-is", as_is, "Inline and simplify nothing: for tests of what each instruction becomes");
  bool for_loops = false;
  app.add_flag("--for-loops", for_loops, "Simplify more, where a loop of constant bounds is not seen as one")
      ->excludes("--as-is");
  CLI11_PARSE(app, argc, argv);

  llvm::LLVMContext context;
  llvm::SMDiagnostic problem;
  const std::unique_ptr<llvm::Module> module = llvm::parseIRFile(input, problem, context);
  if (module == nullptr) {
    problem.print("labyrinth-lower", llvm::errs());
    return 1;
  }
  // parseIRFile() takes what is no sound IR, too.
  if (llvm::verifyModule(*module, &llvm::errs())) {
    fmt::print(stderr, "labyrinth-lower: {} is no valid IR\n", input);
    return 1;
  }
  for (const std::string& entry : entries) {
    const llvm::Function* const function = module->getFunction(entry);
    if (function != nullptr && !function->isDeclaration()) continue;
    fmt::print(stderr, "labyrinth-lower: {} defines no function {} (is it extern \"C\"?)\n", input, entry);
    return 1;
  }
  std::string text;
  try {
    using labyrinth::lower::Simplify;
    labyrinth::lower::prepare(*module, entries,
                              as_is       ? Simplify::kNothing
                              : for_loops ? Simplify::kForLoops
                                          : Simplify::kAll);
    text = labyrinth::lower::Lowering(*module, entries).run();
  } catch (const labyrinth::lower::Unknown& unknown) {
    fmt::print(stderr, "labyrinth-lower: {}: {}\n", input, unknown.what());
    return 1;
  }
  // Beside it and renamed, so that an output is always a whole one.
  const std::string beside = output + ".part";
  std::ofstream file(beside, std::ios::binary);
  file << text;
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(beside, output, failed);
  if (file && !failed) return 0;
  fmt::print(stderr, "labyrinth-lower: {} cannot be written\n", output);
  std::filesystem::remove(beside, failed);
  return 1;
}
