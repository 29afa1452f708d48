// What the threads of a run do, on whose memory, and what is looked at when the world stops: ownership marks,
// giving back and passing on, the same for whatever hands out the blocks.
#pragma once

#include <cstdint>
#include <string_view>

#include "handle.hpp"
#include "thread.hpp"

namespace labyrinth::shipping {

/// An allocator over real memory. All but examine() is called in any thread at any level, in the middle of
/// itself: so it is async-signal-safe.
class Workload {
 public:
  Workload() = default;
  virtual ~Workload() = default;
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  /// For complaints.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// One thing at random, in the context of the calling thread.
  virtual void act(Thread& thread) = 0;
  /// What an interrupt does, in the context of the calling thread: one to three things.
  virtual void interrupt(Thread& thread);
  /// Before the thread's first call of a round, with no interrupts: for what the allocator does once a
  /// thread.
  virtual void enter(Thread& /*thread*/) {}
  /// With nobody else in a call and everything freed: complains about what is missing (X4).
  virtual void examine(std::uint64_t round) = 0;
  /// Makes the call that frees it.
  [[nodiscard]] virtual labyrinth_status release(Thread& thread, Handle handle) = 0;
  /// The words that begin at a granule, for as long as somebody owns them.
  [[nodiscard]] virtual std::uint64_t* words(std::uint64_t granule) const = 0;
  /// How often a thread of the allocator's own has done background reclaim.
  [[nodiscard]] virtual std::uint64_t balances() const { return 0; }
  /// Background reclaim is due.
  virtual void wake() {}
  /// Whether it is an address of the void's, whether or not it can be used now.
  [[nodiscard]] virtual bool is_of_void(const void* /*address*/) const { return false; }
  /// Whether a free frame may hold what the allocator wrote there; else its words are nobody's.
  [[nodiscard]] virtual bool writes_to_free_frames() const { return false; }

  [[nodiscard]] Exchange& exchange() { return exchange_; }
  [[nodiscard]] Exchange& cache() { return cache_; }

 private:
  Exchange exchange_;
  Exchange cache_;
};

/// Marks what the calling context was just given as its own. Complains if it was not nobody's (X1, X5).
[[nodiscard]] Handle take(Workload& work, Thread& thread, Kind kind, std::uint32_t size,
                          std::uint64_t granule, Call call);
/// Complains unless all of it has its owner's marks.
void check_marks(Workload& work, const Thread& thread, Handle handle, const char* when);
/// Checks that it still has its owner's marks (X1, X5), and frees it.
void give_back(Workload& work, Thread& thread, Handle handle);
/// For later: with the task, in the exchange, in the shrinker's cache, or, where there is no room, not at
/// all.
void keep(Workload& work, Thread& thread, Handle handle);
/// Something live, now the caller's alone, or nothing.
[[nodiscard]] Handle take_any(Workload& work, Thread& thread);
/// Frees the oldest of the shrinker's cache in the caller's context, until so many frames are free; says how
/// many are. A complaint where sleeping is not permitted (N1).
std::uint64_t shrink(Workload& work, std::uint64_t frames);

/// What a refusal may say: answers that need another's step (E3), and those for requests that cannot exist.
/// `size`: an order, or bytes.
void judge_refusal(Thread& thread, Call call, labyrinth_status status, bool may_be_fragmented,
                   std::uint32_t gfp, std::uint64_t size);

/// All that the task holds, before the world stops.
void give_back_all(Workload& work, Thread& thread);
/// All that lies in the exchange and the cache, once the threads are parked.
void empty(Workload& work, Thread& observer);

}  // namespace labyrinth::shipping
