// An object in memory that this process and those it forks have in common.
#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace labyrinth::tool {

template <class T>
class SharedObject {
 public:
  /// `what`: for the error, if there is no memory.
  explicit SharedObject(const char* what) {
    void* const memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), what);
    object_ = new (memory) T{};
  }
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;
  ~SharedObject() {
    if (object_ != nullptr) munmap(object_, sizeof(T));
  }
  [[nodiscard]] T& get() const noexcept { return *object_; }
  /// It stays there until the process ends.
  [[nodiscard]] T& leave() noexcept { return *std::exchange(object_, nullptr); }

 private:
  T* object_;
};

}  // namespace labyrinth::tool
