// What the zones look like: for people as text, for programs as JSON.
#include <array>
#include <cstdio>
#include <labyrinth/snapshot.hpp>
#include <labyrinth/userland.hpp>

int main() {
  using namespace labyrinth;
  // As if there were one CPU: where a CPU begins to look for frames is its own place, and this is to print
  // the same.
  const Arena arena(Frames{1000}, {.cpus = 1});
  if (!arena) return 1;
  const Block block = arena->alloc_block(kAtomic, Order{0});

  const Snapshot snapshot(*arena);
  std::array<char, 1024> buffer{};
  if (snapshot.write_text(buffer) >= buffer.size()) return 1;
  std::fputs(buffer.data(), stdout);
  if (snapshot.write_json(buffer) >= buffer.size()) return 1;
  std::fputs(buffer.data(), stdout);
  return 0;
}
