// What each property's cases look like: flags by their bits, commands by their weights.
#include "aims.hpp"

#include "labyrinth/model/types.hpp"

namespace labyrinth::properties::aims {
namespace {

using C = Command;
constexpr std::uint32_t kA = model::kAtomic.bits;
constexpr std::uint32_t kK = model::kKernel.bits;
constexpr std::uint32_t kHigh = model::kHigh.bits;
constexpr std::uint32_t kWait = model::kDirectReclaim.bits;
constexpr std::uint32_t kNowait = model::kNowait.bits;
constexpr std::uint32_t kAll = model::kMemalloc.bits;
constexpr std::uint32_t kNot = model::kNomemalloc.bits;
constexpr std::uint32_t kEx = model::kExclusive.bits;
constexpr std::uint32_t kZ = model::kZero.bits;
constexpr std::uint32_t kRoom = model::kRoom.bits;
constexpr std::uint32_t kUpper = (model::kHighmem | model::kMovable).bits;
constexpr std::uint32_t kDev = model::for_device(0).bits;

constexpr std::uint32_t kPlain[] = {kA, kA, kA | kAll, kNowait, kHigh, kA | kNot, kK};
constexpr std::uint32_t kNever[] = {kA, kA, kA | kAll, kNowait, kHigh, kA | kNot, 0};
constexpr std::uint32_t kAtomicOnly[] = {kA, kA | kAll};
constexpr std::uint32_t kZones4[] = {kA, kA | model::kDma.bits, kA | model::kDma32.bits,       kA | kUpper,
                                     kK, kA | kUpper | kAll,    kNowait | model::kHighmem.bits};
constexpr std::uint32_t kInVoid[] = {kA | kEx, kK | kEx, kEx, kA | kEx | kZ, kA, kA | kAll | kEx, kA | kZ};
constexpr std::uint32_t kHasContent[] = {kA | kEx, kK | kEx, kEx, kA | kEx | kZ, kA | kZ, kA | kRoom | kZ};
constexpr std::uint32_t kInRooms[] = {
    kA | kRoom, kNowait | kRoom, kA | kRoom | kZ, kA | kDev, kA | kDev * 2, kA | kDev * 3, kA, kA | kAll};
constexpr std::uint32_t kEverywhere[] = {kA,       kA | kAll,  kK,        kNowait,     kA | kEx,
                                         kK | kEx, kA | kRoom, kA | kDev, kA | kUpper, kA | model::kDma.bits,
                                         kA | kZ};
constexpr std::uint32_t kReclaims[] = {
    kA, kNowait, kK, kK | model::kNoretry.bits, kWait | model::kNoretry.bits, kA | kAll};
constexpr std::uint32_t kMaySleep[] = {kK, kWait,   kK | kZ,    kK | model::kNoretry.bits,
                                       kA, kNowait, kWait | kEx};

constexpr Weight kTraffic[] = {
    {C::kAlloc, 6}, {C::kExact, 1}, {C::kFree, 3}, {C::kHandedFree, 2}, {C::kDoubleFree, 1}};
constexpr Weight kOrderly[] = {{C::kAlloc, 5}, {C::kFree, 2}, {C::kHandedFree, 1}};
constexpr Weight kBlocks[] = {
    {C::kAlloc, 6}, {C::kBulk, 1}, {C::kExact, 1}, {C::kFree, 3}, {C::kHandedFree, 2}};
constexpr Weight kMistakes[] = {{C::kAlloc, 5},      {C::kFree, 2},       {C::kHandedFree, 2},
                                {C::kDoubleFree, 2}, {C::kWrongOrder, 2}, {C::kNeighbour, 2},
                                {C::kForeignFree, 2}};
constexpr Weight kVoidTraffic[] = {{C::kAlloc, 6}, {C::kFree, 3}, {C::kHandedFree, 2}, {C::kDrain, 1}};
constexpr Weight kContent[] = {{C::kAlloc, 6},   {C::kFree, 3},  {C::kHandedFree, 2}, {C::kDrain, 1},
                               {C::kKmalloc, 1}, {C::kKfree, 1}, {C::kMap, 1},        {C::kUnmap, 1}};
constexpr Weight kSleeping[] = {{C::kAlloc, 5}, {C::kFree, 2},  {C::kMask, 2},    {C::kMap, 1},
                                {C::kUnmap, 1}, {C::kDrain, 1}, {C::kBalance, 1}, {C::kCache, 1}};
constexpr Weight kMasked[] = {{C::kAlloc, 5},   {C::kFree, 1}, {C::kMask, 3}, {C::kDrain, 1},
                              {C::kBalance, 1}, {C::kMap, 1},  {C::kUnmap, 1}};
constexpr Weight kMappings[] = {
    {C::kAlloc, 2}, {C::kMap, 5}, {C::kUnmap, 3}, {C::kWrongUnmap, 1}, {C::kPageAddress, 1}};
constexpr Weight kWrongMappings[] = {{C::kAlloc, 2}, {C::kMap, 4}, {C::kUnmap, 2}, {C::kWrongUnmap, 4}};
constexpr Weight kReclaiming[] = {{C::kAlloc, 9}, {C::kFree, 4}, {C::kCache, 1}, {C::kBalance, 1}};
constexpr Weight kSharing[] = {{C::kAlloc, 2}, {C::kMap, 6}, {C::kUnmap, 3}, {C::kFree, 1}};
constexpr Weight kAnything[] = {
    {C::kAlloc, 8},      {C::kBulk, 1},       {C::kExact, 1},      {C::kFree, 4},        {C::kHandedFree, 3},
    {C::kDoubleFree, 1}, {C::kWrongOrder, 1}, {C::kNeighbour, 1},  {C::kForeignFree, 1}, {C::kMask, 1},
    {C::kMap, 1},        {C::kUnmap, 1},      {C::kWrongUnmap, 1}, {C::kPageAddress, 1}, {C::kDrain, 1},
    {C::kCache, 1},      {C::kBalance, 1},    {C::kKmalloc, 1},    {C::kKfree, 1},       {C::kWrongKfree, 1}};
constexpr Weight kCommands20[] = {{C::kAlloc, 8},       {C::kExact, 1},      {C::kFree, 4},
                                  {C::kHandedFree, 3},  {C::kDoubleFree, 1}, {C::kNeighbour, 1},
                                  {C::kForeignFree, 1}, {C::kMask, 1}};
constexpr Weight kDoubles[] = {{C::kAlloc, 4}, {C::kFree, 2}, {C::kHandedFree, 2}, {C::kDoubleFree, 4}};
constexpr Weight kForeigners[] = {
    {C::kAlloc, 4}, {C::kFree, 2}, {C::kForeignFree, 4}, {C::kNeighbour, 2}, {C::kWrongKfree, 1}};
constexpr Weight kSimple[] = {{C::kAlloc, 3}, {C::kFree, 2}};

constexpr std::uint16_t kParts = kMarks | kZones | kTheVoid | kRooms | kDevices | kMaps | kObjects;

}  // namespace

const Aim owners{.cpus = 3, .tasks = 3, .handlers = 3, .flags = kNever, .commands = kTraffic};
const Aim places{.parts = kParts | kHighatomic, .strange = true, .flags = kEverywhere, .commands = kBlocks};
const Aim frees{.cpus = 3, .tasks = 3, .handlers = 3, .flags = kNever, .commands = kMistakes};
const Aim nothing_lost{.parts = kMarks | kTheVoid | kRooms | kHighatomic | kZones,
                       .most_order = 4,
                       .flags = kEverywhere,
                       .commands = kBlocks};
const Aim content{.parts = kMarks | kTheVoid | kMaps | kObjects | kUnmapped | kRooms,
                  .always = kTheVoid,
                  .most_frames = 6,
                  .flags = kHasContent,
                  .commands = kContent};
const Aim exclusive{.parts = kMarks | kTheVoid | kUnmapped,
                    .always = kTheVoid,
                    .most_frames = 6,
                    .flags = kInVoid,
                    .commands = kVoidTraffic};
const Aim sleepers{.parts = kMarks | kTheVoid | kUnmapped | kMaps,
                   .most_frames = 8,
                   .flags = kMaySleep,
                   .commands = kSleeping};
const Aim alone{.tasks = 2,
                .handlers = 1,
                .least_calls = 2,
                .most_calls = 6,
                .most_frames = 8,
                .departures = 0,
                .flags = kNever,
                .commands = kBlocks};
const Aim bounds{.parts = kMarks | kTheVoid | kRooms | kZones,
                 .cpus = 3,
                 .tasks = 3,
                 .handlers = 3,
                 .flags = kEverywhere,
                 .commands = kBlocks};
const Aim nesting{.parts = kMarks | kRooms | kMaps | kObjects,
                  .cpus = 1,
                  .tasks = 1,
                  .handlers = 6,
                  .most_frames = 12,
                  .departures = 2,
                  .flags = kNever,
                  .commands = kContent};
const Aim floors{
    .parts = kMarks | kZones, .always = kMarks, .most_frames = 12, .flags = kZones4, .commands = kBlocks};
const Aim refusals{.parts = kMarks | kReclaimers,
                   .most_order = 1,
                   .most_frames = 4,
                   .flags = kReclaims,
                   .commands = kReclaiming};
const Aim conflicts{.parts = 0,
                    .cpus = 3,
                    .tasks = 3,
                    .handlers = 3,
                    .most_frames = 8,
                    .departures = 10,
                    .flags = kAtomicOnly,
                    .commands = kOrderly};
const Aim reserves{.parts = kMarks | kRooms | kDevices | kHighatomic,
                   .cpus = 3,
                   .most_order = 2,
                   .most_frames = 8,
                   .flags = kInRooms,
                   .commands = kOrderly};
const Aim contexts{.parts = kMarks | kMaps | kTheVoid | kUnmapped,
                   .most_order = 1,
                   .most_frames = 8,
                   .flags = kMaySleep,
                   .commands = kMasked};
const Aim stacks{.parts = kMaps,
                 .always = kMaps,
                 .handlers = 3,
                 .most_order = 1,
                 .flags = kAtomicOnly,
                 .commands = kMappings};
const Aim wakes{.parts = kMarks | kReclaimers,
                .always = kMarks,
                .most_order = 1,
                .most_frames = 12,
                .flags = kPlain,
                .commands = kReclaiming};
const Aim races{
    .parts = kMarks | kTheVoid | kMaps | kObjects, .most_frames = 6, .flags = kInVoid, .commands = kContent};
const Aim weak{.parts = kMarks | kMaps,
               .always = kMaps,
               .handlers = 1,
               .most_calls = 8,
               .most_order = 0,
               .most_frames = 6,
               .departures = 10,
               .memory = machine::MemoryModel::kRc11,
               .flags = kAtomicOnly,
               .commands = kSharing};
const Aim histories{.cpus = 3,
                    .tasks = 3,
                    .handlers = 1,
                    .least_calls = 3,
                    .most_calls = 9,
                    .most_frames = 10,
                    .flags = kNever,
                    .commands = kTraffic};
const Aim commands{
    .handlers = 3, .least_calls = 20, .most_calls = 20, .flags = kPlain, .commands = kCommands20};
const Aim everything{.parts = kParts | kHighatomic | kReclaimers,
                     .least_calls = 20,
                     .most_calls = 40,
                     .flags = kEverywhere,
                     .commands = kAnything};

const Aim sequential{.cpus = 1,
                     .tasks = 1,
                     .handlers = 0,
                     .most_order = 3,
                     .departures = 0,
                     .flags = kNever,
                     .commands = kOrderly};
const Aim snapshots{.parts = kMarks | kZones | kTheVoid | kRooms | kDevices | kHighatomic,
                    .cpus = 1,
                    .tasks = 1,
                    .handlers = 0,
                    .most_order = 4,
                    .departures = 0,
                    .flags = kEverywhere,
                    .commands = kOrderly};
const Aim single_frames{.cpus = 1,
                        .tasks = 1,
                        .handlers = 0,
                        .most_order = 0,
                        .departures = 0,
                        .flags = kNever,
                        .commands = kSimple};
const Aim cpus{.parts = kMarks | kRooms,
               .cpus = 4,
               .tasks = 4,
               .handlers = 0,
               .most_order = 0,
               .departures = 0,
               .flags = kInRooms,
               .commands = kSimple};
const Aim forms{.parts = kParts | kHighatomic | kReclaimers | kUnmapped,
                .cpus = 4,
                .tasks = 6,
                .handlers = 6,
                .most_calls = 40,
                .departures = 40,
                .strange = true,
                .flags = kEverywhere,
                .commands = kAnything};

const Aim double_frees{
    .cpus = 2, .tasks = 2, .handlers = 4, .most_frames = 6, .flags = kNever, .commands = kDoubles};
const Aim foreign_frees{.parts = kMarks | kZones | kTheVoid | kRooms | kObjects,
                        .handlers = 4,
                        .most_frames = 8,
                        .flags = kEverywhere,
                        .commands = kForeigners};
const Aim bad_contexts{.parts = kMarks | kTheVoid | kUnmapped | kMaps,
                       .handlers = 5,
                       .most_order = 1,
                       .most_frames = 6,
                       .flags = kMaySleep,
                       .commands = kMasked};
const Aim bad_unmaps{.parts = kMaps,
                     .always = kMaps,
                     .handlers = 4,
                     .most_order = 1,
                     .flags = kAtomicOnly,
                     .commands = kWrongMappings};
const Aim wrong_rooms{.parts = kMarks | kRooms | kDevices,
                      .always = kRooms,
                      .cpus = 4,
                      .handlers = 5,
                      .most_order = 1,
                      .most_frames = 6,
                      .strange = true,
                      .flags = kInRooms,
                      .commands = kOrderly};

}  // namespace labyrinth::properties::aims
