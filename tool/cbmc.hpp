// The bounded model checker that `labyrinth prove` asks: which program it is, what a question is on its
// command line, and what its answers say.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proof_manifest.hpp"

namespace labyrinth::tool {

/// The programs a proof needs.
struct Cbmc {
  std::string program;
  std::string version;
  std::string cadical;  ///< The version of the external solver; "" if there is none.
};

/// $LABYRINTH_CBMC, else what ci/setup-cbmc has unpacked, else the one in PATH if it is new enough: the
/// search of ci/cbmc, which is not there once the command is installed. Else what to do.
[[nodiscard]] std::variant<Cbmc, std::string> look_for_cbmc();
/// The same; prints what to do and returns nothing if there is none.
[[nodiscard]] std::optional<Cbmc> find_cbmc();

enum class Question {
  kProof,           ///< Does every obligation hold?
  kCover,           ///< Which cover points are reachable?
  kMutant,          ///< Is the bug noticed?
  kCounterexample,  ///< What inputs break this property?
};

/// The arguments after the program's name, without the file. `property`: for a counterexample.
[[nodiscard]] std::vector<std::string> cbmc_flags(const Proof& proof, Question question,
                                                  const std::string& property);

struct Property {
  std::string id, description, status, file, line;
};

struct Input {
  std::string name, decimal, hex;  ///< `hex` is "" for what is no number.
};

struct CbmcAnswer {
  std::string verdict;  ///< cProverStatus: success, failure or error; "" if it did not get that far.
  std::vector<Property> properties;
  std::vector<Input> inputs;  ///< Of a counterexample, in the order in which the program took them.
  std::string error;          ///< What it complained about, in one line.
};

/// `output`: what --json-ui printed, be it cut off.
[[nodiscard]] CbmcAnswer read_answer(const std::string& output);

}  // namespace labyrinth::tool
