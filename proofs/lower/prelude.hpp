// The C that stands before every lowered module: integers of exact width, and what a proof says, for CBMC,
// for CBMC's search for cover points, and, natively, for the tests of the lowering itself.
#pragma once

namespace labyrinth::lower {

inline constexpr char kPrelude[] = R"(typedef _Bool u1;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned __int128 u128;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long s64;
typedef __int128 s128;
#ifdef __CPROVER__
typedef unsigned __CPROVER_bitvector[24] u24;
typedef signed __CPROVER_bitvector[24] s24;
typedef unsigned __CPROVER_bitvector[40] u40;
typedef signed __CPROVER_bitvector[40] s40;
typedef unsigned __CPROVER_bitvector[48] u48;
typedef signed __CPROVER_bitvector[48] s48;
typedef unsigned __CPROVER_bitvector[56] u56;
typedef signed __CPROVER_bitvector[56] s56;
#else
typedef unsigned _BitInt(24) u24;
typedef signed _BitInt(24) s24;
typedef unsigned _BitInt(40) u40;
typedef signed _BitInt(40) s40;
typedef unsigned _BitInt(48) u48;
typedef signed _BitInt(48) s48;
typedef unsigned _BitInt(56) u56;
typedef signed _BitInt(56) s56;
#endif
_Static_assert(sizeof(u64) == 8 && sizeof(u32) == 4 && sizeof(u8*) == 8, "LP64");
#define LABYRINTH_LOCAL static
#ifdef __CPROVER__
#define LABYRINTH_ASSUME(c) __CPROVER_assume(c)
#define LABYRINTH_STOP() __CPROVER_assume(0)
#define LABYRINTH_ATOMIC_BEGIN() __CPROVER_atomic_begin()
#define LABYRINTH_ATOMIC_END() __CPROVER_atomic_end()
#define LABYRINTH_INPUT(name, v) __CPROVER_input(name, v)
#define LABYRINTH_FORGET(p, type, size) do { type any_; *(type*)(p) = any_; } while (0)
#define LABYRINTH_ANY(type) ({ type any_; any_; })
#define LABYRINTH_DIE(p) (__CPROVER_dead_object = nondet_u1() ? (void*)(p) : __CPROVER_dead_object)
#define LABYRINTH_LIVE(p) __CPROVER_assume(__CPROVER_dead_object != (void*)(p))
#define LABYRINTH_ROOM(p, count) ((count) == 0 || __CPROVER_rw_ok(p, count))
#define LABYRINTH_APART(to, from, count) (!__CPROVER_same_object(to, from) || (to) == (from) || \
  (to) + (count) <= (from) || (from) + (count) <= (to))
#ifdef LABYRINTH_COVER
#define LABYRINTH_ASSERT(c, text)
#define LABYRINTH_REACHED(text) __CPROVER_assert(0, text)
#else
#define LABYRINTH_ASSERT(c, text) __CPROVER_assert(c, text)
#define LABYRINTH_REACHED(text)
#endif
u1 nondet_u1(void);
u8 nondet_u8(void);
u16 nondet_u16(void);
u24 nondet_u24(void);
u32 nondet_u32(void);
u40 nondet_u40(void);
u48 nondet_u48(void);
u56 nondet_u56(void);
u64 nondet_u64(void);
u128 nondet_u128(void);
u8* nondet_pointer(void);
#define labyrinth_any_u1 nondet_u1
#define labyrinth_any_u8 nondet_u8
#define labyrinth_any_u16 nondet_u16
#define labyrinth_any_u24 nondet_u24
#define labyrinth_any_u32 nondet_u32
#define labyrinth_any_u40 nondet_u40
#define labyrinth_any_u48 nondet_u48
#define labyrinth_any_u56 nondet_u56
#define labyrinth_any_u64 nondet_u64
#define labyrinth_any_u128 nondet_u128
#define labyrinth_any_pointer nondet_pointer
#else
void labyrinth_native_assert(u1 holds, const char* text);
void labyrinth_native_assume(u1 holds);
void labyrinth_native_stop(void);
u64 labyrinth_native_any(void);
#define LABYRINTH_ASSERT(c, text) labyrinth_native_assert((c) != 0, text)
#define LABYRINTH_ASSUME(c) labyrinth_native_assume((c) != 0)
#define LABYRINTH_STOP() labyrinth_native_stop()
#define LABYRINTH_ATOMIC_BEGIN()
#define LABYRINTH_ATOMIC_END()
#define LABYRINTH_INPUT(name, v)
#define LABYRINTH_FORGET(p, type, size) __builtin_memset(p, (int)labyrinth_native_any(), size)
#define LABYRINTH_ANY(type) ({ type any_; LABYRINTH_FORGET(&any_, type, sizeof any_); any_; })
#define LABYRINTH_DIE(p)
#define LABYRINTH_LIVE(p)
#define LABYRINTH_ROOM(p, count) 1
#define LABYRINTH_APART(to, from, count) ((to) == (from) || (u64)(to) + (count) <= (u64)(from) || \
  (u64)(from) + (count) <= (u64)(to))
#define LABYRINTH_REACHED(text)
#define labyrinth_any_u1() ((u1)(labyrinth_native_any() & 1))
#define labyrinth_any_u8() ((u8)labyrinth_native_any())
#define labyrinth_any_u16() ((u16)labyrinth_native_any())
#define labyrinth_any_u24() ((u24)labyrinth_native_any())
#define labyrinth_any_u32() ((u32)labyrinth_native_any())
#define labyrinth_any_u40() ((u40)labyrinth_native_any())
#define labyrinth_any_u48() ((u48)labyrinth_native_any())
#define labyrinth_any_u56() ((u56)labyrinth_native_any())
#define labyrinth_any_u64() labyrinth_native_any()
#define labyrinth_any_u128() ((u128)labyrinth_native_any())
#define labyrinth_any_pointer() ((u8*)labyrinth_native_any())
#endif
// An assertion behind which nothing that breaks it goes on.
#define LABYRINTH_NEED(c, text) do { u1 c_ = (c) != 0; LABYRINTH_ASSERT(c_, text); LABYRINTH_ASSUME(c_); } while (0)
static inline void labyrinth_copy(u8* to, u8* from, u64 count) {
  if ((u64)to <= (u64)from) {
    for (u64 i = 0; i < count; ++i) to[i] = from[i];
  } else {
    for (u64 i = count; i > 0; --i) to[i - 1] = from[i - 1];
  }
}
static inline void labyrinth_fill(u8* to, u8 byte, u64 count) {
  for (u64 i = 0; i < count; ++i) to[i] = byte;
}
)";

}  // namespace labyrinth::lower
