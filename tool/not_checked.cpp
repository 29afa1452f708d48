// Requirements that are not checked, in words and for machines.
#include "not_checked.hpp"

#include <fmt/format.h>

#include "labyrinth/machine/capabilities.hpp"

namespace labyrinth::tool {

std::string not_checked_text(const nlohmann::json& list) {
  std::string text;
  for (const nlohmann::json& one : list)
    text += fmt::format("not checked: {} {}\n", one.value("clause", ""), one.value("why", ""));
  return text;
}

std::string not_checked_text(const machine::Target& target) {
  return not_checked_text(not_checked_json(target));
}

nlohmann::json not_checked_json(const machine::Target& target) {
  nlohmann::json list = nlohmann::json::array();
  for (const machine::NotChecked& one : machine::not_checked(target.table(), target.is_plain()))
    list.push_back({{"clause", model::name(one.clause)}, {"why", one.why}});
  return list;
}

}  // namespace labyrinth::tool
