// How a byte string is cut into a header and records: each reads only inside the string, however long that
// is; each byte, up to the most that are looked at, is in the header or in exactly one record, where it
// belongs; what the string does not reach is zero; and there are no more records than can be kept.
//
// Any string, and any step of the loop over its records. What is read lies in an array that ends where the
// string does, or behind the bytes of this one record: to read on is to read beyond the array.
#include "trace.hpp"

namespace labyrinth::machine {
namespace {

struct Steps {
  using Bytes = std::span<const std::uint8_t>;

  /// Of so many bytes, or of any number from there on.
  template <std::size_t kSize, class Reads>
  static void reads(bool is_longer, Reads read) noexcept {
    std::array<std::uint8_t, kSize> bytes{};
    for (std::size_t i = 0; i < kSize; ++i) bytes[i] = any_byte();
    const std::uint64_t more = is_longer ? labyrinth_any("bytes behind", 63) : 0;
    const auto got = read(Bytes(bytes.data(), kSize + more));
    for (std::size_t i = 0; i < got.size(); ++i)
      labyrinth_prove(got[i] == (i < kSize ? bytes[i < kSize ? i : 0] : 0),
                      "X2: what is read is the string's bytes in their order, and zeros behind it");
  }

  template <std::size_t kSize>
  static void record(bool is_longer = false) noexcept {
    reads<kSize>(is_longer, [](Bytes bytes) { return first_record(bytes).bytes; });
    if (kSize < kBinaryRecordSize) labyrinth_cover("a record cut short");
  }

  template <std::size_t kSize>
  static void header(bool is_longer = false) noexcept {
    reads<kSize>(is_longer, [](Bytes bytes) { return header_of(bytes); });
  }

  /// Where a string is cut, of any length; only the array's addresses are used.
  static void cuts() noexcept {
    static constinit std::array<std::uint8_t, kMaxEncodedSize> bytes{};
    const std::uint64_t size = labyrinth_any("length", 64);
    const Bytes records = records_of(Bytes(bytes.data(), size));
    const std::uint64_t head = std::min(size, kBinaryHeaderSize);
    const std::uint64_t end = std::min(size, kMaxEncodedSize);
    labyrinth_prove(records.data() == bytes.data() + head && records.size() == end - head,
                    "X2: records are all behind the header, up to the most that are looked at");
    if (size > kMaxEncodedSize) labyrinth_cover("a string too long");

    // Any step of the loop, as Decoder::records() makes them.
    const std::uint64_t step = labyrinth_any("records before", 60);
    const std::uint64_t at = step * kBinaryRecordSize;
    if (at < records.size()) {
      labyrinth_prove(step < kMaxRecords, "X2: there are no more records than can be kept");
      const Bytes left = records.subspan(at);
      labyrinth_prove(!left.empty(), "X2: a record has a byte at least");
      labyrinth_prove(left.data() == bytes.data() + head + at && head + at + left.size() == end,
                      "X2: a record begins where the one before it ends, and knows the string's end");
      if (step + 1 == kMaxRecords) labyrinth_cover("the last record that can be");
    }

    // No byte is left out, and none is in two.
    const std::uint64_t byte = labyrinth_any("a byte", 64);
    if (byte < head || byte >= end) return;
    const std::uint64_t its = (byte - head) / kBinaryRecordSize;
    labyrinth_prove(its * kBinaryRecordSize < records.size(),
                    "X2: each byte that is looked at is in a record that the loop comes to");
    const bool is_in = head + at <= byte && byte < head + at + kBinaryRecordSize;
    labyrinth_prove(is_in == (step == its), "X2: and in no other");
  }
};

}  // namespace
}  // namespace labyrinth::machine

extern "C" void proof() {
  using labyrinth::machine::Steps;
  switch (labyrinth_any("part", 4)) {
    case 0:
      return Steps::header<0>();
    case 1:
      return Steps::header<1>();
    case 2:
      return Steps::header<2>();
    case 3:
      return Steps::header<3>();
    case 4:
      return Steps::header<4>();
    case 5:
      return Steps::header<5>();
    case 6:
      return Steps::header<6>();
    case 7:
      return Steps::header<7>();
    case 8:
      return Steps::header<8>(true);
    case 9:
      return Steps::record<1>();
    case 10:
      return Steps::record<2>();
    case 11:
      return Steps::record<3>();
    case 12:
      return Steps::record<4>(true);
    default:
      return Steps::cuts();
  }
}
