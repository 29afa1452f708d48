#include "caches.hpp"

#include <mutex>

namespace thread_caches {
namespace {

constinit thread_local Cache own;

}  // namespace

std::size_t Allocator::size(std::uint64_t frames) noexcept {
  return sizeof(Allocator) + frames * sizeof(std::uint32_t);
}

void Allocator::create(std::uint64_t first_pfn, std::uint64_t frames) noexcept {
  first_pfn_ = first_pfn;
  count_ = static_cast<std::uint32_t>(frames);
  for (std::uint32_t i = 0; i < count_; ++i) stack()[i] = count_ - 1 - i;
}

/// The cache, which is locked, becomes the last one.
void Allocator::join(Cache& cache) noexcept {
  if (cache.joined_) return;
  cache.joined_ = true;
  const std::lock_guard guard(lock_);
  std::atomic<Cache*>* last = &caches_;
  while (Cache* const next = last->load(std::memory_order_acquire)) last = &next->next_;
  last->store(&cache, std::memory_order_release);  // Who comes to it by this finds it initialised.
}

bool Allocator::alloc_of_own(Cache& cache, std::uint32_t& frame) noexcept {
  const std::lock_guard guard(cache.lock_);
  join(cache);
  if (cache.count_ == 0) {
    const std::lock_guard of_all(lock_);
    while (cache.count_ < Cache::kBatch && count_ != 0) cache.frames_[cache.count_++] = stack()[--count_];
  }
  if (cache.count_ == 0) return false;
  frame = cache.frames_[--cache.count_];
  return true;
}

bool Allocator::alloc(std::uint64_t& pfn) noexcept {
  const InterruptsOff off;
  std::uint32_t frame = 0;
  if (!alloc_of_own(own, frame) && !alloc_of_others(frame)) return false;
  pfn = first_pfn_ + frame;
  return true;
}

bool Allocator::alloc_of_others(std::uint32_t& frame) noexcept {
  Cache* const first = caches_.load(std::memory_order_acquire);
  Cache* last = nullptr;
  const auto lock_behind = [&last](Cache* cache) {
    for (; cache != nullptr; cache = cache->next_.load(std::memory_order_acquire)) {
      cache->lock_.lock();
      last = cache;
    }
  };
  lock_behind(first);
  lock_.lock();
  while (Cache* const more = last->next_.load(std::memory_order_acquire)) {  // It has come meanwhile.
    lock_.unlock();
    lock_behind(more);
    lock_.lock();
  }
  bool served = count_ != 0;
  if (served) frame = stack()[--count_];
  for (Cache* cache = first; !served && cache != nullptr;
       cache = cache->next_.load(std::memory_order_relaxed)) {
    served = cache->count_ != 0;
    if (served) frame = cache->frames_[--cache->count_];
  }
  for (Cache* cache = first; cache != nullptr; cache = cache->next_.load(std::memory_order_relaxed))
    cache->lock_.unlock();
  lock_.unlock();
  return served;
}

void Allocator::free(std::uint64_t pfn) noexcept {
  const InterruptsOff off;
  Cache& cache = own;
  const std::lock_guard guard(cache.lock_);
  join(cache);
  if (cache.count_ == Cache::kMost) {
    const std::lock_guard of_all(lock_);
    while (cache.count_ > Cache::kMost - Cache::kBatch) stack()[count_++] = cache.frames_[--cache.count_];
  }
  cache.frames_[cache.count_++] = static_cast<std::uint32_t>(pfn - first_pfn_);
}

}  // namespace thread_caches
