// The parser of the text form: blocks that live from the start, contexts, and their calls.
#include <fmt/format.h>

#include <algorithm>

#include "labyrinth/machine/trace_validate.hpp"
#include "trace_text_parser.hpp"

namespace labyrinth::machine::text {

bool Parser::context_line(Cursor cursor, model::Level level) {
  Trace& trace = file_.trace;
  const Token head = cursor.next();
  if (trace.context_count == kMaxContexts) {
    return fail(head, fmt::format("a trace has at most {} contexts", kMaxContexts));
  }
  if (level == model::Level::kTask) {
    const Token at = cursor.peek();
    const auto expected = static_cast<std::uint64_t>(
        std::ranges::count(trace.contexts(), model::Level::kTask, &Context::level));
    std::uint64_t said = 0;
    if (!number(cursor, "the task", {0, kMaxContexts}, said)) return false;
    if (said != expected) {
      return fail(at, fmt::format("tasks are numbered in the order of the file: expected {}, found {}",
                                  expected, said));
    }
  } else if (cursor.peek().is_word() && !cursor.peek().is("cpu")) {
    return fail(cursor.peek(), fmt::format("expected `cpu` after `{}` (handlers have no number), found {}",
                                           level_name(level), shown(cursor.peek())));
  }
  Context& context = trace.context_storage[trace.context_count];
  context = {level, 0, trace.call_count, 0, false};
  if (!expect(cursor, "cpu", fmt::format("`{}`", level_name(level))) || !cpu(cursor, context.cpu))
    return false;
  ++trace.context_count;
  return expect_end(cursor, "a context");
}

bool Parser::reclaimer_line(Cursor cursor) {
  Trace& trace = file_.trace;
  const Token head = cursor.next();
  if (trace.context_count == kMaxContexts) {
    return fail(head, fmt::format("a trace has at most {} contexts", kMaxContexts));
  }
  Context& context = trace.context_storage[trace.context_count];
  context = {model::Level::kTask, 0, trace.call_count, 0, true};
  if (!expect(cursor, "cpu", "`reclaimer`") || !cpu(cursor, context.cpu)) return false;
  ++trace.context_count;
  return expect_end(cursor, "a context");
}

bool Parser::call_line(Cursor cursor) {
  Trace& trace = file_.trace;
  const Token first = cursor.peek();
  const bool named = cursor.peek_second().is("=");
  if (named) {
    if (!is_call_name(first.text)) {
      return fail(
          first, fmt::format(
                     "{} cannot name a call: a name has a letter or _, then letters, digits or _, at most {} "
                     "in all, and is no word of the format",
                     shown(first), kMaxNameLength));
    }
    const auto found = std::ranges::find(file_.names, first.text);
    if (found != file_.names.end()) {
      const auto index = static_cast<std::size_t>(found - file_.names.begin());
      return fail(first,
                  fmt::format("{} already names the call in line {}", shown(first), call_lines_[index]));
    }
    static_cast<void>(cursor.next());
    static_cast<void>(cursor.next());
  }
  const Token word = cursor.next();
  Call call;
  bool good = false;
  if (word.is("alloc")) {
    if (!named) return fail(word, "an alloc needs a name: `a = alloc ...`");
    good = alloc_call(cursor, call);
  } else if (word.is("bulk") || word.is("exact")) {
    if (!named) return fail(word, fmt::format("{0} needs a name: `a = {0} ...`", word.text));
    good = extent_call(cursor, call, word.is("bulk"));
  } else if (word.is("live")) {
    if (!named) return fail(word, "a block that lives from the start needs a name: `a = live pfn=N order=N`");
    if (trace.context_count != 0)
      return fail(word, "blocks that live from the start come before the first context");
    return live_block(cursor, first.text, word);
  } else if (word.is("free")) {
    good = free_call(cursor, call);
  } else if (word.is("drain")) {
    good = drain_call(cursor, call);
  } else if (word.is("kmalloc")) {
    if (!named) return fail(word, "a kmalloc needs a name: `p = kmalloc ...`");
    good = kmalloc_call(cursor, call);
  } else if (word.is("kfree")) {
    good = kfree_call(cursor, call);
  } else if (is_mapping(word, call.op)) {
    if (!named && maps(call.op)) return fail(word, fmt::format("{0} needs a name: `m = {0} a`", word.text));
    good = mapping_call(cursor, call, word.text);
  } else if (word.is("irq")) {
    good = mask_call(cursor, call, Op::kIrqDisable, Op::kIrqEnable);
  } else if (word.is("bh")) {
    good = mask_call(cursor, call, Op::kBhDisable, Op::kBhEnable);
  } else if (word.is("preempt")) {
    good = mask_call(cursor, call, Op::kPreemptDisable, Op::kPreemptEnable);
  } else if (word.is("cache")) {
    good = cache_call(cursor, call);
  } else if (word.is("balance")) {
    call.op = Op::kBalance;
    good = true;
  } else {
    return fail(
        word,
        fmt::format(
            "expected a call (alloc, bulk, exact, free, irq, bh, preempt, drain, cache, "
            "balance, map, unmap, ..., kmalloc, kfree), `NAME = live`, a context (task, softirq, hardirq, "
            "nmi, reclaimer) or "
            "`schedule`, found {}",
            shown(word)));
  }
  if (!good || !expect_end(cursor, "a call")) return false;
  if (trace.context_count == 0)
    return fail(first, "a call belongs to a context: expected `task 0 cpu 0` before it");
  if (!add_call(call, named ? first.text : std::string_view{}, first)) return false;
  ++trace.context_storage[trace.context_count - 1U].calls;
  return true;
}

bool Parser::alloc_call(Cursor& cursor, Call& call) {
  std::uint64_t order = 0;
  call.op = Op::kAlloc;
  if (!flags(cursor, call.gfp) || !keyed(cursor, "order", {0, kMaxSaidOrder}, order)) return false;
  call.order = static_cast<std::uint8_t>(order);
  return true;
}

bool Parser::live_block(Cursor& cursor, std::string_view name, const Token& word) {
  Trace& trace = file_.trace;
  Call call{.op = Op::kLive};
  std::uint64_t order = 0;
  if (!keyed(cursor, "pfn", {0, UINT64_MAX}, call.pfn)) return false;
  if (!keyed(cursor, "order", {0, model::kMaxOrder.value}, order)) return false;
  if (!expect_end(cursor, "a live block")) return false;
  call.order = static_cast<std::uint8_t>(order);
  if (!add_call(call, name, word)) return false;
  const char* const wrong = misplaced(trace, trace.call_count - 1U);
  return wrong == nullptr || fail(word, fmt::format("the block cannot live there: {}", wrong));
}

bool Parser::add_call(const Call& call, std::string_view name, const Token& first) {
  Trace& trace = file_.trace;
  if (trace.call_count == kMaxCalls)
    return fail(first, fmt::format("a trace has at most {} calls", kMaxCalls));
  call_lines_[trace.call_count] = line_;
  file_.names.emplace_back(name);
  trace.call_storage[trace.call_count++] = call;
  return true;
}

bool Parser::extent_call(Cursor& cursor, Call& call, bool bulk) {
  call.op = bulk ? Op::kBulk : Op::kExact;
  return flags(cursor, call.gfp) &&
         keyed(cursor, bulk ? "count" : "frames", {0, bulk ? kMaxSaidCount : kMaxSaidFrames}, call.pfn);
}

bool Parser::flags(Cursor& cursor, std::uint32_t& bits) {
  if (cursor.take("gfp") && !expect(cursor, "=", "`gfp`")) return false;
  do {
    const Token token = cursor.next();
    // Two numbers together would be that of another device.
    const auto add = [&](model::Gfp more) {
      if (model::names_device(more) && model::names_device({bits})) {
        return fail(token, "a request names one device");
      }
      bits |= more.bits;
      return true;
    };
    if (const auto flag = gfp_of_name(token.text)) {
      if (!add(*flag)) return false;
      continue;
    }
    std::uint64_t raw = 0;
    const bool hex = token.is_word() && (token.text.starts_with("0x") || token.text.starts_with("0X"));
    const NumberFault fault = hex ? read_number(token.text, raw) : NumberFault::kNotANumber;
    if (fault == NumberFault::kNotANumber) {
      return fail(
          token, fmt::format(
                     "expected kernel, atomic, nowait, direct, kswapd, high, memalloc, nomemalloc, dma, "
                     "dma32, highmem, "
                     "movable, exclusive, room, zero, reclaimable, noretry, nofail, device0 to device7, none "
                     "or raw bits as 0x..., joined by |, found {}",
                     shown(token)));
    }
    if (fault == NumberFault::kTooLarge || raw > UINT32_MAX) {
      return fail(token, fmt::format("gfp has 32 bits: {} is too large", shown(token)));
    }
    if (!add({static_cast<std::uint32_t>(raw)})) return false;
  } while (cursor.take("|"));
  return true;
}

bool Parser::free_call(Cursor& cursor, Call& call) {
  call.op = Op::kFree;
  call.order = kOrderOfHandle;
  std::uint64_t order = 0;
  if (cursor.peek().is("pfn")) {
    if (!keyed(cursor, "pfn", {0, UINT64_MAX}, call.pfn)) return false;
    if (!keyed(cursor, "order", {0, kMaxSaidOrder}, order)) return false;
    call.order = static_cast<std::uint8_t>(order);
    return true;
  }
  const Token handle = cursor.next();
  if (!handle.is_word() || !is_call_name(handle.text)) {
    return fail(handle, fmt::format("expected the name of an alloc or `pfn=N order=N` after `free`, found {}",
                                    shown(handle)));
  }
  references_.push_back({handle.text, line_, handle.column, file_.trace.call_count});
  if (!offset(cursor, call.pfn)) return false;
  if (!cursor.peek().is("order")) return true;
  if (!keyed(cursor, "order", {0, kMaxSaidOrder}, order)) return false;
  call.order = static_cast<std::uint8_t>(order);
  return true;
}

bool Parser::offset(Cursor& cursor, std::uint64_t& value) {
  constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;
  if (cursor.take("+")) return number(cursor, "the offset", {0, kHalf - 1}, value);
  if (!cursor.take("-")) return true;
  if (!number(cursor, "the offset", {0, kHalf}, value)) return false;
  value = 0 - value;
  return true;
}

bool Parser::kmalloc_call(Cursor& cursor, Call& call) {
  call.op = Op::kKmalloc;
  return flags(cursor, call.gfp) && keyed(cursor, "size", {0, kMaxSaidBytes}, call.pfn);
}

bool Parser::kfree_call(Cursor& cursor, Call& call) {
  call.op = Op::kKfree;
  if (cursor.peek().is("address")) return keyed(cursor, "address", {0, UINT64_MAX}, call.pfn);
  const Token handle = cursor.next();
  if (!handle.is_word() || !is_call_name(handle.text)) {
    return fail(handle, fmt::format("expected the name of a kmalloc or `address=N` after `kfree`, found {}",
                                    shown(handle)));
  }
  references_.push_back({handle.text, line_, handle.column, file_.trace.call_count});
  return offset(cursor, call.pfn);
}

bool Parser::drain_call(Cursor& cursor, Call& call) {
  call.op = Op::kDrain;
  return !cursor.peek().is("blocks") || keyed(cursor, "blocks", {1, kMaxSaidBlocks}, call.pfn);
}

bool Parser::cache_call(Cursor& cursor, Call& call) {
  call.op = Op::kCache;
  const Token handle = cursor.next();
  if (!handle.is_word() || !is_call_name(handle.text)) {
    return fail(handle, fmt::format("expected the name of an alloc after `cache`, found {}", shown(handle)));
  }
  references_.push_back({handle.text, line_, handle.column, file_.trace.call_count});
  return true;
}

bool Parser::mask_call(Cursor& cursor, Call& call, Op disable, Op enable) {
  const Token token = cursor.next();
  if (!token.is("disable") && !token.is("enable")) {
    return fail(token, fmt::format("expected `disable` or `enable`, found {}", shown(token)));
  }
  call.op = token.is("disable") ? disable : enable;
  return true;
}

}  // namespace labyrinth::machine::text
