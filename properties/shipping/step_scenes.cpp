// The states and calls, and the programs made of them.
#include "step_scenes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace labyrinth::step {

std::span<const Scene> scenes() {
  static const std::vector<Scene> all = {
      {"empty-handed",  // nobody has anything: summaries and slots are as at the start
       "machine cpus=1 frames=128 zone=normal:128 min=2 low=4 high=6\n",
       "",
       {"$ = alloc atomic order=0", "$ = alloc nowait order=0", "$ = alloc atomic order=1",
        "$ = alloc atomic order=3", "$ = alloc atomic order=5", "$ = alloc atomic order=6",
        "$ = alloc atomic order=7", "$ = bulk atomic count=3", "$ = exact atomic frames=5",
        "free pfn=5 order=0"}},
      {"last-frame",  // one frame is left
       "machine cpus=1 frames=8 zone=normal:8\n",
       "x = alloc atomic order=2\ny = alloc atomic order=1\nz = alloc atomic order=0\n",
       {"$ = alloc atomic order=0", "$ = alloc atomic order=1", "$ = bulk atomic count=2", "free x", "free y",
        "free z", "free x order=1", "free y+1 order=0", "free z+1 order=0"}},
      {"watermark",  // some callers are below their floor, and some are not
       "machine cpus=1 frames=16 zone=normal:16 min=8 low=9 high=10\n",
       "x = alloc atomic order=3\n",
       {"$ = alloc atomic order=0", "$ = alloc nowait order=0", "$ = alloc kswapd|memalloc order=0",
        "$ = alloc atomic order=1", "$ = bulk nowait count=2", "free x"}},
      {"fragmented",  // free frames, and no block of two
       "machine cpus=1 frames=8 zone=normal:8\n",
       "s = alloc atomic order=0\nt = alloc atomic order=0\nu = alloc atomic order=0\nv = alloc atomic "
       "order=0\n"
       "w = alloc atomic order=0\nx = alloc atomic order=0\ny = alloc atomic order=0\nz = alloc atomic "
       "order=0\n"
       "free s\nfree u\nfree w\nfree y\n",
       {"$ = alloc atomic order=0", "$ = alloc atomic order=1", "$ = alloc atomic order=2",
        "$ = bulk atomic count=4", "$ = exact atomic frames=3", "free t", "free x", "free s order=0"}},
      {"whole-words",  // blocks of several words
       "machine cpus=1 frames=160 zone=normal:160\n",
       "x = alloc atomic order=7\n",
       {"$ = alloc atomic order=0", "$ = alloc atomic order=5", "$ = alloc atomic order=6",
        "$ = exact atomic frames=25", "free x", "free x order=6"}},
      {"large-block",  // the only block of its order is claimed word by word
       "machine cpus=1 frames=65 zone=normal:65\n",
       "",
       {"$ = alloc atomic order=6", "$ = alloc atomic order=5", "$ = alloc atomic order=0",
        "$ = exact atomic frames=40"}},
      {"prepaid",  // a word has its frames' credits, and a slot
       "machine cpus=1 frames=1024 zone=normal:1024 min=4 low=6 high=8\n",
       "x = alloc atomic order=0\ny = alloc atomic order=0\nz = alloc atomic order=4\n",
       {"$ = alloc atomic order=0", "$ = alloc atomic order=2", "$ = alloc atomic order=9",
        "$ = bulk atomic count=3", "free x", "free y", "free z", "free x order=1"}},
      {"emptied-slot",  // little is free beside a prepaid word: who is refused empties the slots first
       "machine cpus=1 frames=512 zone=normal:512\n",
       "x = alloc atomic order=8\ny = alloc atomic order=7\nz = alloc atomic order=6\nw = alloc atomic "
       "order=0\n",
       {"$ = alloc atomic order=0", "$ = alloc atomic order=5", "$ = alloc atomic order=6",
        "$ = bulk atomic count=40", "free w", "free z"}},
      {"highatomic",  // a pageblock may be set apart for high-order atomic requests
       "machine cpus=1 max_order=5\nzone normal frames=96 min=4 low=6 high=8 highatomic=1\n",
       "x = alloc atomic order=5\n",
       {"$ = alloc atomic order=3", "$ = alloc atomic order=1", "$ = alloc atomic order=0",
        "$ = alloc nowait order=0", "$ = alloc nowait order=5", "free x"}},
      {"set-apart",  // one is set apart
       "machine cpus=1 max_order=5\nzone normal frames=64 highatomic=1\n",
       "x = alloc atomic order=3\ny = alloc nowait order=4\n",
       {"$ = alloc atomic order=3", "$ = alloc atomic order=0", "$ = alloc nowait order=0",
        "$ = alloc nowait order=5", "free x", "free y"}},
      {"void",  // exclusive blocks, unmapped while nobody owns them
       "machine cpus=1\nzone normal frames=8\nvoid frames=8 min=1 unmaps\n",
       "x = alloc atomic|exclusive order=1\ny = alloc atomic|exclusive order=0\n",
       {"$ = alloc atomic|exclusive order=0", "$ = alloc atomic|exclusive order=2",
        "$ = alloc atomic order=0", "free x", "free y", "free x order=0", "drain", "drain blocks=1"}},
      {"poisoned-void",  // the same where nothing can be unmapped
       "machine cpus=1\nzone normal frames=8\nvoid frames=8\n",
       "x = alloc atomic|exclusive order=1\n",
       {"$ = alloc atomic|exclusive order=0", "$ = alloc atomic|exclusive order=2",
        "$ = alloc atomic|exclusive|zero order=1", "free x", "free x order=0"}},
      {"rooms",  // of contexts, and of a device
       "machine cpus=1\nzone normal frames=8 min=1 low=1 high=1\nroom task frames=2 spill\nroom softirq "
       "frames=2\n"
       "room hardirq frames=2 spill\nroom nmi frames=2 spill\nroom device0 frames=2\n",
       "x = alloc atomic|room order=0\ny = alloc atomic|device0 order=0\n",
       {"$ = alloc atomic|room order=0", "$ = alloc atomic|room order=1", "$ = alloc atomic|device0 order=0",
        "$ = bulk atomic|room count=2", "$ = bulk atomic|device0 count=2", "free x", "free y",
        "free y order=1"}},
      {"zones",  // with what each keeps back from the others' callers
       "machine cpus=1\nzone dma frames=4 min=1 low=1 high=1 ratio=4\nzone normal frames=4 min=1 low=1 "
       "high=1 ratio=2\n"
       "zone movable frames=4\n",
       "x = alloc atomic|highmem|movable order=2\ny = alloc atomic order=1\n",
       {"$ = alloc atomic|highmem|movable order=0", "$ = alloc atomic order=0",
        "$ = alloc atomic|dma order=0", "$ = alloc kswapd|memalloc order=1", "free x", "free y"}},
      {"zeroed",  // content is the owner's
       "machine cpus=1 frames=4 zone=normal:4\n",
       "x = alloc atomic order=1\n",
       {"$ = alloc atomic|zero order=0", "$ = alloc atomic|zero order=1", "free x"}},
      {"mappings",  // slots of all, and stacks of contexts
       "machine cpus=1\nzone normal frames=2\nzone movable frames=4 unmapped\nmap slots=2 depth=2\n",
       "x = alloc atomic|highmem|movable order=1\ny = alloc atomic order=0\nm = map x\nl = map_local x+1\n",
       {"$ = map_local x", "$ = map_atomic x", "$ = map_local y", "unmap m", "unmap_local l",
        "page_address x", "page_address y"}},
      {"objects",  // small ones and a whole frame, in a memory of their own
       "machine cpus=1 frames=1 zone=normal:1\nobjects frames=3 min=0\n",
       "x = kmalloc atomic size=64\ny = kmalloc atomic size=1024\n",
       {"$ = kmalloc atomic size=8", "$ = kmalloc atomic size=64", "$ = kmalloc atomic size=1024",
        "$ = kmalloc atomic size=4096", "$ = kmalloc atomic size=5000", "kfree x", "kfree y", "kfree x+8"}},
      {"last-object",  // the slab of an only object, whose frame comes free with it
       "machine cpus=1 frames=1 zone=normal:1\nobjects frames=1\n",
       "x = kmalloc atomic size=2048\ny = kmalloc atomic size=2048\n",
       {"$ = kmalloc atomic size=2048", "$ = kmalloc atomic size=8", "$ = kmalloc atomic|zero size=2048",
        "kfree x", "kfree y"}},
  };
  return all;
}

std::string kind_of(const Scene& scene, std::size_t call) {
  const std::string text = scene.calls[call];
  return text.starts_with("$ = ") ? text.substr(4) : text;
}

std::string name_of(const Nesting& nesting) {
  std::string name = kind_of(*nesting.scene, nesting.calls.front());
  for (std::size_t i = 1; i < nesting.calls.size(); ++i) {
    name += fmt::format(" / {}: {}", machine::level_name(nesting.levels[i - 1]),
                        kind_of(*nesting.scene, nesting.calls[i]));
  }
  return name;
}

std::optional<Program> program_of(const Nesting& nesting, std::string& error) {
  std::string text =
      fmt::format("labyrinth trace 1\n{}task 0 cpu 0\n{}", nesting.scene->machine, nesting.scene->before);
  for (std::size_t i = 0; i < nesting.calls.size(); ++i) {
    if (i != 0) text += fmt::format("{} cpu 0\n", machine::level_name(nesting.levels[i - 1]));
    std::string call = nesting.scene->calls[nesting.calls[i]];
    if (call.front() == '$') call[0] = static_cast<char>('a' + i);
    text += call + "\n";
  }
  auto parsed = machine::parse_trace(text);
  if (const auto* const wrong = std::get_if<machine::ParseError>(&parsed)) {
    error = fmt::format("the program of {}, {}: {}\n{}", nesting.scene->name, name_of(nesting),
                        machine::error_text(*wrong, "program"), text);
    return std::nullopt;
  }
  Program program{std::get<machine::TraceFile>(std::move(parsed)), {}};
  // The call under test is its context's last.
  for (const machine::Context& context : program.file.trace.contexts())
    program.calls.push_back(static_cast<std::uint8_t>(context.first_call + context.calls - 1));
  return program;
}

}  // namespace labyrinth::step
