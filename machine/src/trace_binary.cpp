// Decodes the binary form: first the records into drafts, in their order; then the drafts into a trace, in
// its order.
#include "labyrinth/machine/trace_binary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "labyrinth/machine/trace_validate.hpp"
#include "trace_binary_geometry.hpp"
#include "trace_binary_layout.hpp"

namespace labyrinth::machine {
namespace {

using namespace binary;

constexpr std::size_t kMaxRecords = (kMaxEncodedSize - kBinaryHeaderSize) / kBinaryRecordSize;

// None of these has initialisers: to clear storage for the largest trace takes longer than to decode a usual
// one.
struct Record {
  RecordBytes bytes;
};

struct DepartureRecord {
  Record record;
  std::uint32_t calls_before;
};

struct WideRecord {
  Record record;
  std::uint32_t call;  // In the order of records.
};

// What the bytes do not reach is zero, here and below.
Header header_of(std::span<const std::uint8_t> bytes) noexcept {
  Header header{};
  const std::size_t head = std::min(bytes.size(), kBinaryHeaderSize);
  if (head > 0) std::memcpy(header.data(), bytes.data(), head);
  return header;
}

std::span<const std::uint8_t> records_of(std::span<const std::uint8_t> bytes) noexcept {
  const auto behind = bytes.subspan(std::min(bytes.size(), kBinaryHeaderSize));
  return behind.first(std::min(behind.size(), kMaxRecords * kBinaryRecordSize));
}

// Of bytes of which there is one at least.
[[gnu::always_inline]] inline Record first_record(std::span<const std::uint8_t> bytes) noexcept {
  Record record{};
  if (bytes.size() >= kBinaryRecordSize) [[likely]] {
    std::memcpy(&record, bytes.data(), kBinaryRecordSize);
  } else {
    std::memcpy(&record, bytes.data(), bytes.size());
  }
  return record;
}

// A reference that leaves the program comes in again somewhere, evenly.
unsigned folded(int reference, unsigned count) noexcept {
  const auto direct = static_cast<unsigned>(reference);
  return direct < count ? direct : ((direct & 0xffU) * count) >> 8;
}

class Decoder {
  friend struct Steps;   // proofs/trace.hpp: each step by itself, from any state
  friend struct States;  // proofs/trace_states.hpp: what each leaves to the next

 public:
  explicit Decoder(Trace& out) noexcept : out_(out) {}

  void header(const Header& bytes) noexcept {
    drafted_.header(bytes);
    contexts_ = kContextCount[bytes[kAtCount]];
    for (std::size_t i = 0; i < contexts_; ++i) out_.context_storage[i] = kDefaultContexts[i];
    const auto [second, third] = handlers(bytes[kAtHandlers]);
    if (contexts_ > 2) out_.context_storage[2] = second;
    if (contexts_ > 3) out_.context_storage[3] = third;
  }

  // What has been read of the records.
  struct SoFar {
    std::uint32_t calls = 0, departures = 0, dropped = 0;
  };

  // Only sorts them into calls and departures, without a branch for either: chance gives a branch predictor
  // nothing to learn, and a wrong guess takes longer than all the rest.
  void records(std::span<const std::uint8_t> bytes) noexcept {
    const std::uint32_t most_calls = contexts_ > 0 ? kMaxCalls : 0;
    SoFar so_far;
    for (std::size_t at = 0; at < bytes.size(); at += kBinaryRecordSize)
      sort(first_record(bytes.subspan(at)), most_calls, so_far);
    calls_ = static_cast<std::uint8_t>(so_far.calls);
    departures_ = static_cast<std::uint8_t>(so_far.departures);
  }

  void finish() noexcept {
    finish_geometry();
    finish_contexts();
    finish_calls();
    finish_departures();
  }

 private:
  [[gnu::always_inline]] void sort(const Record& record, std::uint32_t most_calls, SoFar& so_far) noexcept {
    const Meaning& meaning = kMeanings[record.bytes[0]];
    if (meaning.call + meaning.departure == 0) [[unlikely]] {
      rare_record(record, so_far.dropped == 0 ? so_far.calls : 0);
      return;
    }
    call_records_[so_far.calls] = record;
    departure_records_[so_far.departures] = {record, so_far.calls};
    const std::uint32_t room = so_far.calls < most_calls ? 1 : 0;
    so_far.dropped |= meaning.call & (1 - room);
    so_far.calls += meaning.call & room;
    so_far.departures += so_far.departures < kMaxDepartures ? meaning.departure : 0;
  }

  [[nodiscard]] std::uint8_t fold(unsigned variant) const noexcept { return kFold[contexts_][variant]; }

  // The call that a distance means. Distances instead of indices: to insert or drop records elsewhere leaves
  // them true. Zero is the call just before.
  [[nodiscard]] unsigned reference(std::uint32_t calls_before, std::uint8_t distance) const noexcept {
    return folded(static_cast<int>(calls_before) - 1 - static_cast<std::int8_t>(distance), calls_);
  }

  // `open`: the calls so far, if the last call record was kept.
  void rare_record(const Record& record, std::uint32_t open) noexcept {
    const unsigned variant = record.bytes[0] & 15U;
    if (record.bytes[0] >> 4 == kContext) {
      const auto level = static_cast<model::Level>(record.bytes[1] & 3U);
      const auto cpu = static_cast<std::uint8_t>(record.bytes[2] & 15U);
      const bool reclaimer = level == model::Level::kTask && record.bytes[3] >= kReclaimerFrom;
      if (contexts_ > 0) out_.context_storage[fold(variant)] = {level, cpu, 0, 0, reclaimer};
    } else if (variant == kZoneRecord) {
      drafted_.zone_record(record.bytes);
    } else if (variant == kRoomRecord) {
      drafted_.room_record(record.bytes);
    } else if (variant >= kWideFrames) {
      drafted_.widen(variant, record.bytes[1] | unsigned{record.bytes[2]} << 8, record.bytes[3]);
    } else if (open > 0) {
      wide_records_[wides_++] = {record, open - 1};
    }
  }

  void finish_geometry() noexcept {
    drafted_.finish(out_.geometry);
    frames_ = static_cast<std::uint32_t>(out_.geometry.frames());
  }

  void finish_contexts() noexcept {
    out_.memory = MemoryModel::kSc;
    out_.context_count = contexts_;
    out_.call_count = calls_;
    std::array<std::uint8_t, kMaxContexts> sizes{};
    for (std::size_t i = 0; i < calls_; ++i) ++sizes[fold(call_records_[i].bytes[0] & 15U)];
    std::uint8_t start = 0;
    for (std::size_t i = 0; i < contexts_; ++i) {
      Context& context = out_.context_storage[i];
      context.cpu = kFold[drafted_.cpus][context.cpu];
      context.first_call = starts_[i] = start;
      context.calls = sizes[i];
      start = static_cast<std::uint8_t>(start + sizes[i]);
      task_contexts_[tasks_] = static_cast<std::uint8_t>(i);
      tasks_ = static_cast<std::uint8_t>(tasks_ + (context.level == model::Level::kTask ? 1 : 0));
    }
  }

  // Where it goes in the trace, and what others can mean by it.
  void place_call(std::uint8_t i) noexcept {
    const std::uint8_t first = call_records_[i].bytes[0];
    places_[i] = starts_[fold(first & 15U)]++;
    allocs_ |= std::uint64_t{kMeanings[first].form == Form::kAlloc} << i;
    const std::uint8_t second = call_records_[i].bytes[1];
    const bool kmalloc = second >= kKmallocFrom && second < kKfreeFrom;
    kmallocs_ |= std::uint64_t{kMeanings[first].form == Form::kMask && kmalloc} << i;
    const bool mapping = first >> 4 == kMask && is_mapping_byte(second) && maps(mapping_op(second));
    maps_ |= std::uint64_t{mapping} << i;
  }

  void finish_calls() noexcept {
    for (std::uint8_t i = 0; i < calls_; ++i) place_call(i);
    for (std::uint8_t i = 0; i < calls_; ++i) {
      finish_call(call_records_[i].bytes, i, out_.call_storage[places_[i]]);
    }
    for (std::uint32_t i = 0; i < wides_; ++i) {
      widen_call(wide_records_[i], out_.call_storage[places_[wide_records_[i].call]]);
    }
    if (has_mapping_ && !drafted_.map_given) out_.geometry.map = default_map(out_.geometry);
  }

  // The last of the set up to the one wanted, or else of all.
  [[nodiscard]] static unsigned nearest(std::uint64_t set, unsigned wanted) noexcept {
    const std::uint64_t upto = set & (~std::uint64_t{0} >> (63 - wanted));
    return static_cast<unsigned>(63 - std::countl_zero((upto == 0 ? set : upto) | 1));
  }

  void finish_call(const RecordBytes& bytes, std::uint32_t index, Call& call) noexcept {
    static constexpr std::array kFormOps = {Op::kAlloc, Op::kFree, Op::kFree, Op::kIrqDisable};
    static constexpr std::array<std::uint32_t, 4> kGfpMasks = {~0U, 0, 0, 0};
    static constexpr std::array<std::uint64_t, 4> kOffsetMasks = {0, ~std::uint64_t{0}, 0, 0};
    const Form form = kMeanings[bytes[0]].form;
    const auto column = static_cast<std::size_t>(form);
    const auto offset = static_cast<std::uint64_t>(std::int64_t{kOffset[bytes[3]]});
    // A handle that means no alloc means the last one before it, or else the last of all.
    const unsigned referred = nearest(allocs_, reference(index, bytes[1]));
    const bool handle = form == Form::kFree && allocs_ != 0;
    // kNoHandle is all ones; as a conditional this would be a branch.
    const auto handle_or_none = static_cast<std::uint8_t>(places_[referred] | (0U - unsigned{!handle}));
    call = {kFormOps[column], kOrders[column][bytes[2]], handle_or_none, kGfp[bytes[1]] & kGfpMasks[column],
            offset & kOffsetMasks[column]};
    if (form == Form::kAlloc && bytes[3] >= kBulkFrom) [[unlikely]] {
      call.op = bytes[3] < kExactFrom ? Op::kBulk : Op::kExact;
      call.order = 0;
      call.pfn = kExtent[bytes[3]];
    }
    if (form >= Form::kFree && !handle) [[unlikely]] {
      if (form == Form::kMask && is_mapping_byte(bytes[1]) && mapping(bytes, index, call)) return;
      if (form == Form::kMask) {
        mask_or_other(bytes, index, call);
      } else {
        free_by_pfn(bytes, call);
      }
    }
  }

  // False if there is nothing that it could mean: then it is a mask.
  [[nodiscard]] bool mapping(const RecordBytes& bytes, std::uint32_t index, Call& call) noexcept {
    const Op op = mapping_op(bytes[1]);
    // What maps needs an alloc, and so what unmaps does, too.
    if (allocs_ == 0 || (unmaps(op) && maps_ == 0)) return false;
    const unsigned meant = nearest(unmaps(op) ? maps_ : allocs_, reference(index, bytes[2]));
    const auto offset = static_cast<std::uint64_t>(std::int64_t{kOffset[bytes[3]]});
    call = {.op = op, .handle = places_[meant], .pfn = unmaps(op) ? 0 : offset};
    has_mapping_ = true;
    return true;
  }

  void mask_or_other(const RecordBytes& bytes, std::uint32_t index, Call& call) const noexcept {
    if (bytes[1] >= kKmallocFrom) {
      object_call(bytes, index, call);
    } else if (bytes[1] >= kDrainFrom && bytes[1] < kDrainEnd) {
      call.op = Op::kDrain;
      call.pfn = kDrainBlocks[bytes[2]];
    } else if (bytes[1] < kCacheFrom || bytes[1] >= kSleepingEnd) {
      call.op = static_cast<Op>(2 + kFold[6][bytes[1] & 15U]);
    } else if (bytes[1] >= kBalanceFrom || allocs_ == 0) {
      call.op = Op::kBalance;
    } else {
      call.op = Op::kCache;
      call.handle = places_[nearest(allocs_, reference(index, bytes[2]))];
    }
  }

  void object_call(const RecordBytes& bytes, std::uint32_t index, Call& call) const noexcept {
    call = {};
    if (bytes[1] < kKfreeFrom) {
      call.op = Op::kKmalloc;
      call.gfp = kObjectGfp[bytes[1] - kKmallocFrom];
      call.pfn = kObjectBytes[bytes[2]];
      return;
    }
    call.op = Op::kKfree;
    if (kmallocs_ != 0 && bytes[1] != 0xff) {
      call.handle = places_[nearest(kmallocs_, reference(index, bytes[2]))];
      call.pfn = static_cast<std::uint64_t>(std::int64_t{kObjectOffset[bytes[3]]});
    } else {
      call.pfn = (bytes[2] | std::uint64_t{bytes[3]} << 8) * 64;
    }
  }

  void free_by_pfn(const RecordBytes& bytes, Call& call) const noexcept {
    // From one frame before the machine's memory to one behind it.
    const unsigned place = (bytes[1] | unsigned{bytes[3]} << 8) % (frames_ + 2);
    call.pfn = out_.geometry.first_pfn + place - 1;
    if (call.order == kOrderOfHandle) call.order = 0;
  }

  void widen_call(const WideRecord& wide, Call& call) noexcept {
    const unsigned variant = wide.record.bytes[0] & 15U;
    const unsigned bits = wide.record.bytes[1] | unsigned{wide.record.bytes[2]} << 8;
    if (variant == kWideOrder) {
      const auto order = static_cast<std::uint8_t>(bits & 0xffU);
      if (call.op <= Op::kFree)
        call.order = call.handle == kNoHandle ? std::min(order, kMaxSaidOrder) : order;
    } else if (variant < kWidePfn) {
      const unsigned shift = 16 * (variant - kWideGfp);
      if (allocates(call.op) || call.op == Op::kKmalloc)
        call.gfp = (call.gfp & ~(0xffffU << shift)) | bits << shift;
    } else if (call.op == Op::kBulk || call.op == Op::kExact) {
      if (variant == kWidePfn) call.pfn = call.op == Op::kBulk ? bits & kMaxSaidCount : bits;
    } else if (call.op == Op::kKmalloc) {
      const unsigned shift = 16 * (variant - kWidePfn);
      if (shift < 32)
        call.pfn = (call.pfn & ~(std::uint64_t{0xffff} << shift)) | std::uint64_t{bits} << shift;
    } else if (call.op == Op::kFree || call.op == Op::kKfree || addresses(call.op)) {
      const unsigned shift = 16 * (variant - kWidePfn);
      const std::uint64_t before = (exact_ >> wide.call & 1U) != 0 ? call.pfn : 0;
      exact_ |= std::uint64_t{1} << wide.call;
      call.pfn = (before & ~(std::uint64_t{0xffff} << shift)) | std::uint64_t{bits} << shift;
    }
  }

  void finish_departures() noexcept {
    out_.departure_count = calls_ == 0 ? std::uint8_t{0} : departures_;
    for (std::size_t i = 0; i < out_.departure_count; ++i) insert(departure(departure_records_[i]), i);
  }

  [[nodiscard]] Departure departure(const DepartureRecord& drafted) const noexcept {
    const auto& bytes = drafted.record.bytes;
    const Meaning& meaning = kMeanings[bytes[0]];
    const unsigned access = (bytes[2] | (bytes[3] & 15U) << 8) & kAccessMask[bytes[3]];
    Departure result{places_[reference(drafted.calls_before, bytes[1])],
                     static_cast<std::uint16_t>(access),
                     {meaning.kind, kFold[meaning.folds ? drafted_.cpus : 16U][meaning.argument]}};
    if (meaning.kind == Decision::Kind::kTask) {
      result.decision = tasks_ > 0 ? Decision{meaning.kind, task_contexts_[kFold[tasks_][meaning.argument]]}
                                   : Decision{Decision::Kind::kCpu, kFold[drafted_.cpus][meaning.argument]};
    }
    return result;
  }

  // Insertion, behind `place` others: stable, and no work for what is sorted already, as all encoded traces
  // are.
  void insert(const Departure& departure, std::size_t place) noexcept {
    for (; place > 0 && key(departure) < key(out_.departure_storage[place - 1]); --place) {
      out_.departure_storage[place] = out_.departure_storage[place - 1];
    }
    out_.departure_storage[place] = departure;
  }

  [[nodiscard]] static unsigned key(const Departure& departure) noexcept {
    return unsigned{departure.call} << 16 | departure.access;
  }

  Trace& out_;
  GeometryDraft drafted_;
  bool has_mapping_ = false;
  std::uint32_t frames_ = 0, wides_ = 0;
  std::uint64_t allocs_ = 0;  // Bit i: the i-th call record is one.
  std::uint64_t maps_ = 0;    // Bit i: the i-th call record maps.
  std::uint64_t kmallocs_ = 0;
  std::uint64_t exact_ = 0;  // Bit i: the pfn of the i-th call record comes from wide records.
  std::uint8_t contexts_ = 0, calls_ = 0, departures_ = 0, tasks_ = 0;
  std::array<std::uint8_t, kMaxCalls> places_;     // From the order of records to the trace's.
  std::array<std::uint8_t, kMaxContexts> starts_;  // The next free place of each context.
  std::array<std::uint8_t, kMaxContexts + 1> task_contexts_;
  // One more than can be kept: the place of what is written before it is known not to count.
  std::array<Record, kMaxCalls + 1> call_records_;
  std::array<DepartureRecord, kMaxDepartures + 1> departure_records_;
  std::array<WideRecord, kMaxRecords> wide_records_;
};

}  // namespace

void decode_trace(std::span<const std::uint8_t> bytes, Trace& out) noexcept {
  // The version byte is not looked at: there is one version, and unknown ones decode as it.
  Decoder decoder(out);
  decoder.header(header_of(bytes));
  decoder.records(records_of(bytes));
  decoder.finish();
}

}  // namespace labyrinth::machine
