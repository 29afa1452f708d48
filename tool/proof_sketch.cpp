// The translations by name.
#include "proof_sketch.hpp"

#include <utility>

#include "proof_draft.hpp"

namespace labyrinth::tool {
namespace {

using Translation = std::vector<Sketch> (*)(const Inputs&);

constexpr std::pair<const char*, Translation> kTranslations[] = {
    {"claim", sketch_claim},       {"release", sketch_release}, {"prepaid", sketch_prepaid},
    {"large", sketch_large},       {"limbo", sketch_limbo},     {"credits", sketch_credits},
    {"floors", sketch_floors},     {"reserve", sketch_reserve}, {"calls", sketch_calls},
    {"take", sketch_take},         {"free", sketch_free},       {"room", sketch_room},
    {"apart", sketch_apart},       {"void", sketch_void},       {"route", sketch_route},
    {"mappings", sketch_mappings}, {"tree", sketch_tree},
};

}  // namespace

const std::vector<std::string>& sketch_kinds() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const auto& [name, translation] : kTranslations) result.emplace_back(name);
    return result;
  }();
  return names;
}

std::vector<Sketch> sketches(const std::string& kind, const std::vector<Input>& inputs) {
  for (const auto& [name, translation] : kTranslations) {
    if (kind == name) return translation(Inputs(inputs));
  }
  return {};
}

}  // namespace labyrinth::tool
