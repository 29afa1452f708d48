// One pool of 4 KiB elements with the largest cache there is, on ordinary pages.
#include "dpdk_pool.hpp"

#include <rte_eal.h>
#include <rte_lcore.h>
#include <rte_mempool.h>
#include <sched.h>

#include <array>

namespace labyrinth::bench {
namespace {

rte_mempool* pool = nullptr;

bool start() {
  cpu_set_t before;
  if (sched_getaffinity(0, sizeof before, &before) != 0) return false;
  char name[] = "bench", no_huge[] = "--no-huge", no_shared[] = "--no-shconf", no_pci[] = "--no-pci",
       no_telemetry[] = "--no-telemetry", memory[] = "-m", mib[] = "64", level[] = "--log-level=3";
  std::array<char*, 8> arguments = {name, no_huge, no_shared, no_pci, no_telemetry, memory, mib, level};
  if (rte_eal_init(static_cast<int>(arguments.size()), arguments.data()) < 0) return false;
  // The environment binds this thread to a CPU; the other benchmarks are not its business.
  if (sched_setaffinity(0, sizeof before, &before) != 0) return false;
  pool = rte_mempool_create("frames", 4095, 4096, RTE_MEMPOOL_CACHE_MAX_SIZE, 0, nullptr, nullptr, nullptr,
                            nullptr, SOCKET_ID_ANY, 0);
  return pool != nullptr;
}

}  // namespace

bool start_dpdk() {
  static const bool started = start();
  return started;
}

DpdkSeat::DpdkSeat() : registered_(rte_lcore_id() == LCORE_ID_ANY && rte_thread_register() == 0) {}
DpdkSeat::~DpdkSeat() {
  if (registered_) rte_thread_unregister();
}

bool dpdk_pairs(std::size_t count) {
  for (; count != 0; --count) {
    void* element = nullptr;
    if (rte_mempool_get(pool, &element) != 0) return false;
    asm volatile("" : "+r"(element));
    rte_mempool_put(pool, element);
  }
  return true;
}

bool dpdk_bulk_pairs(std::size_t count, unsigned bulk) {
  std::array<void*, 64> elements{};
  for (; count != 0; --count) {
    if (rte_mempool_get_bulk(pool, elements.data(), bulk) != 0) return false;
    asm volatile("" : : "r"(elements.data()) : "memory");
    rte_mempool_put_bulk(pool, elements.data(), bulk);
  }
  return true;
}

}  // namespace labyrinth::bench
