// Both builds of an audit in one machine: what a trace shows on each, and where their answers part.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "labyrinth/machine/machine.hpp"

namespace labyrinth::tool {

enum class Which : std::uint8_t { kOld, kNew };
inline constexpr std::array kSides{Which::kOld, Which::kNew};
[[nodiscard]] constexpr Which other(Which side) noexcept {
  return side == Which::kOld ? Which::kNew : Which::kOld;
}
[[nodiscard]] constexpr std::size_t index(Which side) noexcept { return static_cast<std::size_t>(side); }
[[nodiscard]] constexpr const char* name(Which side) noexcept { return side == Which::kOld ? "OLD" : "NEW"; }

/// What a trace shows on one side.
struct Shown {
  enum class Kind : std::uint8_t {
    kClean,
    kBroken,   ///< A clause; `signature` says which, by what.
    kUnclear,  ///< The machine reached a limit.
    kRefused,  ///< The target does not accept the trace's machine.
    kDied,     ///< The process did, or never ended; `signature`: "died-SIGSEGV".
  };
  Kind kind = Kind::kClean;
  std::string signature;
  std::string words;
  [[nodiscard]] bool wrong() const noexcept { return kind == Kind::kBroken || kind == Kind::kDied; }
};
[[nodiscard]] nlohmann::json to_json(const Shown& shown);
[[nodiscard]] Shown shown_from(const nlohmann::json& json);
[[nodiscard]] Shown shown_of(const machine::Trace& trace, const machine::Outcome& outcome);
[[nodiscard]] Shown shown_of_death(const std::string& death);

/// Where two runs of one program, neither wrong, answer otherwise.
struct Parting {
  std::string key;        ///< "alloc: ok, then exhausted": the same of all partings of one kind; "": none.
  std::uint8_t call = 0;  ///< The first that is answered otherwise.
};
[[nodiscard]] Parting parting(const machine::Trace& trace, const machine::Outcome& one,
                              const machine::Outcome& two);

/// Targets that outlive it.
class AuditPair {
 public:
  AuditPair(const machine::Target& one, const machine::Target& two) : targets_{&one, &two} {
    machine_.use(one.table());
  }

  [[nodiscard]] const machine::Target& target(Which side) const { return *targets_.at(index(side)); }
  /// The machine, for runs on that side.
  [[nodiscard]] machine::Machine& machine(Which side);
  /// The trace's own schedule.
  [[nodiscard]] Shown replay(Which side, const machine::Trace& trace);
  /// Runs its calls one after another on both, its schedule left aside: a schedule names the accesses of one
  /// build and means nothing to the other. A parting, if neither is wrong. `shown`: what each shows.
  [[nodiscard]] Parting in_order(const machine::Trace& trace, std::array<Shown, 2>& shown);

 private:
  std::array<const machine::Target*, 2> targets_;
  machine::Machine machine_{};
};

/// "alloc", "free", …: what a caller calls.
[[nodiscard]] const char* name_of(machine::Op op) noexcept;

}  // namespace labyrinth::tool
