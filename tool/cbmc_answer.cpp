// Reading what CBMC prints with --json-ui.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cbmc.hpp"

namespace labyrinth::tool {
namespace {

using nlohmann::json;

[[nodiscard]] std::string text(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

[[nodiscard]] const json& member(const json& object, const char* key) {
  static const json none;
  return object.is_object() && object.contains(key) ? object.at(key) : none;
}

/// Digits of base 2 as a number of base 16; widths are of C's types, so of whole bytes, or of bit-fields.
[[nodiscard]] std::string hex_of(std::string bits) {
  bits.insert(0, (4 - bits.size() % 4) % 4, '0');
  std::string hex;
  for (std::size_t at = 0; at < bits.size(); at += 4)
    hex += "0123456789abcdef"[static_cast<std::size_t>(std::stoul(bits.substr(at, 4), nullptr, 2))];
  hex.erase(0, std::min(hex.find_first_not_of('0'), hex.size() - 1));
  return "0x" + hex;
}

[[nodiscard]] Input to_input(const std::string& name, const json& value) {
  const std::string bits = text(value, "binary");
  std::string data = text(value, "data");
  if (data.empty()) return {name, value.dump(), ""};
  if (bits.empty() || bits.find_first_not_of("01") != std::string::npos) return {name, data, ""};
  // Numbers have C's suffixes, characters are quoted, and truth is a word.
  data.erase(data.find_last_not_of("uUlL") + 1);
  const bool number = data.find_first_not_of("-0123456789") == std::string::npos && !data.empty();
  if (!number && bits.size() <= 64) data = std::to_string(std::stoull(bits, nullptr, 2));
  return {name, data, hex_of(bits)};
}

void read_place(const json& place, Property& property) {
  property.file = text(place, "file");
  property.line = text(place, "line");
}

void read_trace(const json& trace, CbmcAnswer& answer, Property& property) {
  for (const json& step : trace) {
    const std::string type = text(step, "stepType");
    if (type == "failure" && property.file.empty()) read_place(member(step, "sourceLocation"), property);
    if (type != "input") continue;
    for (const json& value : member(step, "values"))
      answer.inputs.push_back(to_input(text(step, "inputID"), value));
  }
}

/// With --stop-on-fail the property that failed stands for itself, and its status is a word of its own.
[[nodiscard]] Property read_property(const json& object) {
  Property property{text(object, "property"), text(object, "description"), text(object, "status"), "", ""};
  if (property.status == "failed") property.status = "FAILURE";
  read_place(member(object, "sourceLocation"), property);
  return property;
}

[[nodiscard]] std::string message(const json& part) {
  const json& place = member(part, "sourceLocation");
  const std::string file = text(place, "file");
  std::string words = text(part, "messageText");
  std::replace(words.begin(), words.end(), '\n', ' ');
  return file.empty() ? words : file + ":" + text(place, "line") + ": " + words;
}

/// Of what is no JSON: with a wrong option CBMC prints its help into the middle of it.
[[nodiscard]] std::string last_words(const std::string& output) {
  const std::string key = "\"messageText\": ";
  const std::size_t at = output.rfind(key);
  if (at == std::string::npos) return "none";
  const std::size_t begin = at + key.size();
  return output.substr(begin, output.find('\n', begin) - begin);
}

/// Each property that fails comes with its trace, of which there may be millions of steps, and few say
/// anything here.
[[nodiscard]] bool needed(int /*depth*/, json::parse_event_t event, json& parsed) {
  if (event != json::parse_event_t::object_end) return true;
  const std::string step = text(parsed, "stepType");
  return step.empty() || step == "input" || step == "failure";
}

}  // namespace

CbmcAnswer read_answer(const std::string& output) {
  CbmcAnswer answer;
  const json document = json::parse(output, needed, false);
  if (!document.is_array()) {
    answer.error = "what it printed is cut off, or no JSON; its last words: " + last_words(output);
    return answer;
  }
  for (const json& part : document) {
    if (text(part, "messageType") == "ERROR" && answer.error.empty()) answer.error = message(part);
    if (const std::string verdict = text(part, "cProverStatus"); !verdict.empty()) answer.verdict = verdict;
    for (const json& object : member(part, "result")) answer.properties.push_back(read_property(object));
    if (part.is_object() && part.contains("property")) {
      answer.properties.push_back(read_property(part));
      read_trace(member(part, "trace"), answer, answer.properties.back());
    }
  }
  return answer;
}

}  // namespace labyrinth::tool
