// Writes the fuzzers' dictionaries: the words of the text form, or the records of the binary one.
//
//     trace_dictionary text FILE      trace_dictionary binary FILE
//
// Nothing in it is written by hand. The printer and the encoder are the grammar's other half, so what they
// make of every kind of call, flag, decision and memory there is are the words of the grammar. In libFuzzer's
// format, which AFL++ reads too.
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "labyrinth/machine/trace_binary.hpp"
#include "labyrinth/machine/trace_text.hpp"
#include "labyrinth/machine/trace_validate.hpp"
#include "trace_text_words.hpp"

namespace {

using namespace labyrinth::machine;
using Words = std::set<std::string>;

/// libFuzzer's longest word (fuzzer::Word).
constexpr std::size_t kLongest = 64;

/// A task with an alloc, what it asks for mapped, and one call more, interrupted by a handler.
Trace trace_with(const Call& call) {
  Trace trace{};
  trace.geometry.map = {2, 2, 0};
  trace.geometry.objects = {1, 0};
  trace.context_count = 2;
  trace.call_count = 4;
  trace.context_storage[0] = {.cpu = 0, .first_call = 0, .calls = 4};
  trace.context_storage[1] = {.level = labyrinth::model::Level::kHardirq, .first_call = 4};
  trace.call_storage[0] = {.op = Op::kAlloc, .gfp = labyrinth::model::kAtomic.bits};
  trace.call_storage[1] = {.op = Op::kMap, .handle = 0};
  trace.call_storage[2] = {.op = Op::kKmalloc, .gfp = labyrinth::model::kAtomic.bits, .pfn = 16};
  trace.call_storage[3] = call;
  return trace;
}

/// Each kind of call, with the arguments that make it valid.
std::vector<Call> all_calls() {
  std::vector<Call> calls;
  for (int op = 0; op <= static_cast<int>(Op::kPageAddress); ++op) {
    for (const std::uint8_t handle : {kNoHandle, std::uint8_t{0}, std::uint8_t{1}, std::uint8_t{2}}) {
      for (const std::uint64_t number : {0U, 1U}) {
        for (const std::uint8_t order : {std::uint8_t{0}, kOrderOfHandle}) {
          const Call call{.op = static_cast<Op>(op), .order = order, .handle = handle, .pfn = number};
          if (!find_flaw(trace_with(call))) calls.push_back(call);
        }
      }
    }
  }
  return calls;
}

/// Each kind of decision at an access of an alloc.
std::vector<Decision> all_decisions() {
  std::vector<Decision> decisions;
  for (int kind = 1; kind <= static_cast<int>(Decision::Kind::kOlder); ++kind) {
    for (std::uint8_t argument = 0; argument < 4; ++argument)
      decisions.push_back({static_cast<Decision::Kind>(kind), argument});
  }
  return decisions;
}

std::vector<Trace> all_traces() {
  std::vector<Trace> traces;
  for (const Call& call : all_calls()) traces.push_back(trace_with(call));
  const auto add = [&](const Trace& trace) {
    if (!find_flaw(trace)) traces.push_back(trace);
  };
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) add(trace_with({.op = Op::kAlloc, .gfp = bit}));
  for (const auto gfp : {labyrinth::model::kAtomic, labyrinth::model::kKernel, labyrinth::model::Gfp{}})
    add(trace_with({.op = Op::kAlloc, .gfp = gfp.bits}));
  for (std::uint8_t device = 0; device < labyrinth::model::kMaxDevices; ++device)
    add(trace_with({.op = Op::kAlloc, .gfp = labyrinth::model::for_device(device).bits}));
  for (const Decision decision : all_decisions()) {
    Trace trace = trace_with({.op = Op::kBalance});
    trace.geometry.cpus = 4;
    trace.memory = decision.kind == Decision::Kind::kOlder ? MemoryModel::kRc11 : MemoryModel::kSc;
    trace.departure_count = 1;
    trace.departure_storage[0] = {.call = 0, .access = 1, .decision = decision};
    add(trace);
  }
  for (int level = 0; level < static_cast<int>(labyrinth::model::kLevels); ++level) {
    for (const bool reclaimer : {false, true}) {
      Trace trace = trace_with({.op = Op::kBalance});
      trace.context_storage[1].level = static_cast<labyrinth::model::Level>(level);
      trace.context_storage[1].reclaimer = reclaimer;
      add(trace);
    }
  }
  Trace everything = trace_with({.op = Op::kBalance});
  Geometry& geometry = everything.geometry;
  for (std::size_t zone = 0; zone < geometry.zones.size(); ++zone)
    geometry.zones[zone] = {64, 1, 2, 3, zone == kVoid ? 0U : 4U, zone == kVoid ? 0U : 1U, zone == kVoid};
  geometry.max_order = 5;
  geometry.first_pfn = 1;
  geometry.rooms.fill({1, true});
  geometry.devices.fill({1, true});
  geometry.objects = {2, 1};
  geometry.map = {2, 2, 0x1f};
  add(everything);
  Trace live = trace_with({.op = Op::kLive});
  live.context_count = 0;
  live.call_count = 1;
  live.call_storage[0] = live.call_storage[3];
  add(live);
  return traces;
}

bool has_letter(std::string_view word) {
  for (const char c : word) {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) return true;
  }
  return false;
}

/// Words, and what is joined to them by `=` up to the number: "order=". Not names of calls, nor numbers.
void add_words(const TraceFile& file, Words& words) {
  const std::string text = print_trace(file);
  const std::set<std::string> names(file.names.begin(), file.names.end());
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \n=|:+-", at), text.size());
    std::string word = text.substr(at, end - at);
    const bool number = !word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0;
    if (!number && has_letter(word) && word.find('.') == std::string::npos && !names.contains(word)) {
      if (end < text.size() && (text[end] == '=' || text[end] == ':')) word += text[end];
      words.insert(word);
    }
    at = end + 1;
  }
}

Words text_words() {
  Words words;
  for (const std::string_view word : words_in_tables()) words.emplace(word);
  for (const Trace& trace : all_traces()) {
    TraceFile file{trace, default_names(trace), "", "", {}};
    add_words(file, words);
    file.build = "0";
    file.recorded = {"a step"};
    file.names[0] = "x";
    const std::string with_record = print_trace(file);
    words.insert(
        with_record.substr(with_record.find("recorded"), std::string_view("recorded build=").size()));
  }
  // Lines as they stand, so that one insertion makes a call, a context or a departure.
  for (const Trace& trace : all_traces()) {
    const std::string text = print_trace({trace, default_names(trace), "", "", {}});
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = text.find('\n', at);
      if (end + 1 - at <= kLongest) words.insert(text.substr(at, end + 1 - at));
      at = end + 1;
    }
  }
  return words;
}

Words binary_words() {
  Words words;
  std::array<std::uint8_t, kMaxEncodedSize> bytes{};
  for (const Trace& trace : all_traces()) {
    const std::size_t size = encode_trace(trace, bytes);
    for (std::size_t at = kBinaryHeaderSize; at + kBinaryRecordSize <= size; at += kBinaryRecordSize)
      words.insert({reinterpret_cast<const char*>(bytes.data()) + at, kBinaryRecordSize});
  }
  return words;
}

/// libFuzzer's ParseOneDictionaryEntry: backslash, quote and \xAB.
std::string entry(std::string_view word) {
  std::string text = "\"";
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '"' || byte == '\\') {
      text += '\\';
      text += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      constexpr std::string_view kDigits = "0123456789ABCDEF";
      text += "\\x";
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 15U];
    }
  }
  return text + "\"\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string form = argc == 3 ? argv[1] : "";
  if (form != "text" && form != "binary") {
    static_cast<void>(std::fputs("usage: trace_dictionary text|binary FILE\n", stderr));
    return 64;
  }
  std::FILE* const file = std::fopen(argv[2], "w");
  if (file == nullptr) {
    std::perror(argv[2]);
    return 66;
  }
  std::string all = "# Made by trace_dictionary from the grammar's own code.\n";
  for (const std::string& word : form == "text" ? text_words() : binary_words()) all += entry(word);
  const bool written = std::fwrite(all.data(), 1, all.size(), file) == all.size();
  if (std::fclose(file) != 0 || !written) {
    std::perror(argv[2]);
    return 66;
  }
  return 0;
}
