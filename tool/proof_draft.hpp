// What the translations of counterexamples share: inputs by name, and a program that is put together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "labyrinth/machine/trace_validate.hpp"
#include "proof_sketch.hpp"

namespace labyrinth::tool {

/// The inputs of a counterexample, as numbers.
class Inputs {
 public:
  explicit Inputs(const std::vector<Input>& inputs) : inputs_(inputs) {}

  /// All of one name, in the order in which the proof took them.
  [[nodiscard]] std::vector<std::uint64_t> all(std::string_view name) const {
    std::vector<std::uint64_t> values;
    for (const Input& input : inputs_) {
      if (input.name == name) values.push_back(value(input));
    }
    return values;
  }
  /// Those whose names begin so.
  [[nodiscard]] std::vector<std::uint64_t> starting(std::string_view name) const {
    std::vector<std::uint64_t> values;
    for (const Input& input : inputs_) {
      if (input.name.starts_with(name)) values.push_back(value(input));
    }
    return values;
  }
  /// The first of a name; `otherwise` if there is none, as where CBMC has found none.
  [[nodiscard]] std::uint64_t one(std::string_view name, std::uint64_t otherwise) const {
    const auto values = all(name);
    return values.empty() ? otherwise : values.front();
  }

  [[nodiscard]] const std::vector<Input>& raw() const { return inputs_; }

 private:
  [[nodiscard]] static std::uint64_t value(const Input& input) {
    return input.hex.empty() ? 0 : std::stoull(input.hex, nullptr, 16);
  }
  const std::vector<Input>& inputs_;
};

/// A program, put together from its beginning to its end. What has no room is left out.
class Draft {
 public:
  explicit Draft(const machine::Geometry& geometry) { trace_.geometry = geometry; }

  /// The block's handle; kNoHandle if it cannot live there. Before all contexts.
  std::uint8_t live(std::uint64_t pfn, std::uint8_t order) {
    const std::uint8_t handle = add({.op = machine::Op::kLive, .order = order, .pfn = pfn});
    if (handle == machine::kNoHandle || machine::misplaced(trace_, handle) == nullptr) return handle;
    --trace_.call_count;
    return machine::kNoHandle;
  }
  void context(model::Level level, std::uint8_t cpu) {
    trace_.context_storage[trace_.context_count++] = {level, cpu, trace_.call_count, 0, false};
  }
  std::uint8_t alloc(model::Gfp gfp, std::uint8_t order) { return call({.order = order, .gfp = gfp.bits}); }
  void free(std::uint8_t handle) {
    if (handle != machine::kNoHandle)
      call({.op = machine::Op::kFree, .order = machine::kOrderOfHandle, .handle = handle});
  }
  std::uint8_t call(const machine::Call& call) {
    const std::uint8_t handle = add(call);
    if (handle != machine::kNoHandle) ++trace_.context_storage[trace_.context_count - 1U].calls;
    return handle;
  }
  [[nodiscard]] Sketch done(std::string what) const { return {trace_, std::move(what)}; }

 private:
  std::uint8_t add(const machine::Call& call) {
    if (trace_.call_count == machine::kMaxCalls) return machine::kNoHandle;
    trace_.call_storage[trace_.call_count] = call;
    return trace_.call_count++;
  }
  machine::Trace trace_{};
};

/// One zone NORMAL, without marks.
[[nodiscard]] inline machine::Geometry plain_zone(std::uint8_t cpus, std::uint32_t frames,
                                                  std::uint8_t max_order) {
  machine::Geometry geometry = machine::one_zone(cpus, frames);
  geometry.max_order = max_order;
  return geometry;
}

/// The input `order`, within what the proof is about.
[[nodiscard]] inline std::uint8_t order_in(const Inputs& inputs, std::uint64_t least, std::uint64_t most) {
  return static_cast<std::uint8_t>(std::clamp(inputs.one("order", least), least, most));
}

/// Who else there is in a run.
enum class Other : std::uint8_t { kCpu, kHandler, kTask };
inline constexpr Other kOthers[] = {Other::kCpu, Other::kHandler, Other::kTask};

/// Their context in a program of two CPUs whose first task is on CPU 0; and how it is called.
inline const char* add_other(Draft& draft, Other other) {
  switch (other) {
    case Other::kCpu:
      draft.context(model::Level::kTask, 1);
      return "another CPU";
    case Other::kHandler:
      draft.context(model::Level::kHardirq, 0);
      return "a handler";
    case Other::kTask:
      break;
  }
  draft.context(model::Level::kTask, 0);
  return "another task";
}

// The translations, one for each kind.
std::vector<Sketch> sketch_claim(const Inputs& inputs);
std::vector<Sketch> sketch_release(const Inputs& inputs);
std::vector<Sketch> sketch_prepaid(const Inputs& inputs);
std::vector<Sketch> sketch_large(const Inputs& inputs);
std::vector<Sketch> sketch_calls(const Inputs& inputs);
std::vector<Sketch> sketch_limbo(const Inputs& inputs);
std::vector<Sketch> sketch_credits(const Inputs& inputs);
std::vector<Sketch> sketch_floors(const Inputs& inputs);
std::vector<Sketch> sketch_reserve(const Inputs& inputs);
std::vector<Sketch> sketch_take(const Inputs& inputs);
std::vector<Sketch> sketch_free(const Inputs& inputs);
std::vector<Sketch> sketch_apart(const Inputs& inputs);
std::vector<Sketch> sketch_tree(const Inputs& inputs);
std::vector<Sketch> sketch_room(const Inputs& inputs);
std::vector<Sketch> sketch_void(const Inputs& inputs);
std::vector<Sketch> sketch_route(const Inputs& inputs);
std::vector<Sketch> sketch_mappings(const Inputs& inputs);

}  // namespace labyrinth::tool
