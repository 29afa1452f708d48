// DPDK's mempool with its per-lcore cache, apart from its headers' demands on the compiler.
#pragma once

#include <cstddef>

namespace labyrinth::bench {

// False if the environment refuses.
[[nodiscard]] bool start_dpdk();

// A thread's seat among the lcores: without one it has no cache.
class DpdkSeat {
 public:
  DpdkSeat();
  ~DpdkSeat();
  DpdkSeat(const DpdkSeat&) = delete;
  DpdkSeat& operator=(const DpdkSeat&) = delete;

 private:
  bool registered_;
};

// Each runs `count` pairs of a get and a put of one element, or of `bulk` elements: the calls are inlined, as
// in any program that uses DPDK. False if the pool ran empty.
[[nodiscard]] bool dpdk_pairs(std::size_t count);
[[nodiscard]] bool dpdk_bulk_pairs(std::size_t count, unsigned bulk);

}  // namespace labyrinth::bench
