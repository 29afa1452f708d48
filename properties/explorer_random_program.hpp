// Random programs for tests of the explorer.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "explorer_fixture.hpp"
#include "labyrinth/machine/machine.h"
#include "labyrinth/machine/random.hpp"

namespace labyrinth::machine::testing {

/// A small random program over two or three locations: what each context does depends on what it reads.
class RandomProgram {
 public:
  struct Shape {
    std::uint8_t cpus = 2;
    std::uint8_t tasks = 2;
    std::uint8_t handlers = 0;
    std::uint8_t steps = 3;
    bool masks = false;
    bool polls = false;  ///< The first context has loops that wait, some of them for so many rounds only.
    bool weak = false;   ///< Compare-exchanges may fail for nothing.
    MemoryModel memory = MemoryModel::kSc;  ///< Under rc11 accesses take orders at random.
  };
  RandomProgram(std::uint64_t seed, const Shape& shape)
      : state_(seed), weak_(shape.weak), rc11_(shape.memory == MemoryModel::kRc11) {
    exploration_.begin([this] {
      for (Location& location : locations_) location = Location{};
      for (std::uint32_t& value : seen_) value = 0;
    });
    exploration_.outcome([this] {
      std::string values;
      for (const Location& location : locations_) values += std::to_string(location.peek()) + ' ';
      for (const std::uint32_t value : seen_) values += std::to_string(value) + ' ';
      return values;
    });
    std::uint8_t index = 0;
    for (; index < shape.tasks; ++index)
      add(Level::kTask, static_cast<std::uint8_t>(index % shape.cpus), index, shape);
    auto level = static_cast<unsigned>(Level::kSoftirq);
    for (std::uint8_t i = 0; i < shape.handlers; ++i, ++index) {
      add(static_cast<Level>(level), static_cast<std::uint8_t>(random_below(state_, shape.cpus)), index,
          shape);
      if (level < 3 && random_below(state_, 2) == 0) ++level;
    }
  }
  Explored explore(const ExplorerOptions& options) { return exploration_.explore(options); }
  Explored explore_in_parts(const ExplorerOptions& options, std::uint64_t seed, bool same_addresses) {
    return exploration_.explore_in_parts(options, seed, same_addresses);
  }
  std::string text;

 private:
  struct Op {
    std::uint8_t kind, location, value;
    int load = kSeqCst, store = kSeqCst, change = kSeqCst;
  };
  void add(Level level, std::uint8_t cpu, std::uint8_t index, const Shape& shape) {
    std::vector<Op> ops;
    const std::uint32_t count = 1 + random_below(state_, shape.steps);
    text += "\n" + std::to_string(static_cast<int>(level)) + "@" + std::to_string(cpu) + ":";
    for (std::uint32_t i = 0; i < count; ++i) {
      ops.push_back({static_cast<std::uint8_t>(random_below(state_, shape.masks ? 7 : 5)),
                     static_cast<std::uint8_t>(random_below(state_, kLocations)),
                     static_cast<std::uint8_t>(1 + random_below(state_, 3))});
      if (shape.polls && index == 0 && random_below(state_, 2) == 0)
        ops.back().kind = static_cast<std::uint8_t>(7 + random_below(state_, 2));
      if (rc11_) {
        ops.back().load = random_below(state_, 2) != 0 ? kAcquire : kRelaxed;
        ops.back().store = random_below(state_, 2) != 0 ? kRelease : kRelaxed;
        ops.back().change = random_below(state_, 2) != 0 ? kAcqRel : kRelaxed;
      }
      text += " " + std::string(1, kNames[ops.back().kind]) + std::to_string(ops.back().location);
    }
    exploration_.handler(level, cpu, [this, ops, index] {
      for (const Op& op : ops) {
        const auto location = op.kind == 4 ? seen_[index] % kLocations : op.location;
        step(op, seen_[index]);
        exploration_.log +=
            std::to_string(index) + std::string(1, kNames[op.kind]) + std::to_string(location) + ' ';
      }
    });
  }
  void step(const Op& op, std::uint32_t& seen) {
    Location& at = locations_[op.location];
    switch (op.kind) {
      case 0:
        seen = seen * 7 + at.load(op.load);
        break;
      case 1:
        at.store(op.value + seen % 2, op.store);
        break;
      case 2:
        seen = seen * 7 + at.add(op.value, op.change);
        break;
      case 3:
        seen = seen * 7 + (at.compare_exchange(seen % 3, op.value, weak_, op.change, op.load) ? 1 : 2);
        break;
      case 4:  // what was seen decides where to look next
        seen = seen * 7 + locations_[seen % kLocations].load(op.load);
        break;
      case 5:
        if (op.value == 1) static_cast<void>(labyrinth_machine_irq_save());
        if (op.value == 2) labyrinth_machine_bh_disable();
        if (op.value == 3) labyrinth_machine_preempt_disable();
        break;
      case 6:
        if (op.value == 1) labyrinth_machine_irq_restore(true);
        if (op.value == 2) labyrinth_machine_bh_enable();
        if (op.value == 3) labyrinth_machine_preempt_enable();
        break;
      case 7: {
        const std::uint32_t rounds = 4U + op.value;
        std::uint32_t round = 0;
        while (round < rounds && at.load(op.load) == 0) ++round;
        seen = seen * 7 + round % 2;
        break;
      }
      default:  // Until one of two is written, or for good.
        while (at.load(op.load) == 0 && locations_[(op.location + 1U) % kLocations].load(op.load) == 0) {
        }
        break;
    }
  }
  static constexpr char kNames[] = "lsacxDEpw";
  static constexpr std::uint32_t kLocations = 3;
  std::uint64_t state_;
  bool weak_, rc11_;
  std::array<Location, kLocations> locations_{};
  std::array<std::uint32_t, kMaxContexts> seen_{};
  Exploration exploration_;
};

}  // namespace labyrinth::machine::testing
