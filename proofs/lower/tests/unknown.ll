; What the lowering does not know, one case a section, each behind the words its message has to have.

;;; the type <4 x i32>
define void @proof(ptr %p) {
  %v = load <4 x i32>, ptr %p
  ret void
}
;;; the type float
define float @proof(float %x) {
  %y = fadd float %x, 1.0
  ret float %y
}
;;; the type i23
define i23 @proof(i23 %x) {
  %y = add i23 %x, 1
  ret i23 %y
}
;;; a constant of 23 bits
define i32 @proof() {
  %y = zext i23 5 to i32
  ret i32 %y
}
;;; a volatile access
define i32 @proof(ptr %p) {
  %v = load volatile i32, ptr %p
  ret i32 %v
}
;;; a volatile access
define void @proof(ptr %p) {
  store volatile i32 1, ptr %p
  ret void
}
;;; a volatile access
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
define void @proof(ptr %p) {
  call void @llvm.memset.p0.i64(ptr %p, i8 0, i64 4, i1 true)
  ret void
}
;;; a thread-local variable|the thread-local variable
@own = thread_local global i32 0
define i32 @proof() {
  %v = load i32, ptr @own
  ret i32 %v
}
;;; exceptions
declare i32 @__gxx_personality_v0(...)
define void @may_throw() {
  ret void
}
define void @proof() personality ptr @__gxx_personality_v0 {
  invoke void @may_throw() to label %good unwind label %bad
good:
  ret void
bad:
  %caught = landingpad { ptr, i32 } cleanup
  resume { ptr, i32 } %caught
}
;;; a function with variable arguments
define void @proof(i32 %count, ...) {
  ret void
}
;;; a function with variable arguments
define void @proof(ptr %f) {
  call void (i32, ...) %f(i32 1, i32 2)
  ret void
}
;;; assembly
define void @proof() {
  call void asm sideeffect "nop", ""()
  ret void
}
;;; assembly
define i32 @proof(i32 %x) {
  %y = call i32 asm "", "=r,0"(i32 %x)
  ret i32 %y
}
;;; assembly
module asm "nop"
define void @proof() {
  ret void
}
;;; the function elsewhere, which is defined elsewhere
declare void @elsewhere()
define void @proof() {
  call void @elsewhere()
  ret void
}
;;; the function elsewhere, which is defined elsewhere
declare void @elsewhere()
define void @proof(ptr %p) {
  store ptr @elsewhere, ptr %p
  ret void
}
;;; the function elsewhere, which is defined elsewhere
declare void @elsewhere()
define void @proof() {
  call void @elsewhere(i32 1)
  ret void
}
;;; the global elsewhere, which is defined elsewhere
@elsewhere = external global i32
define i32 @proof() {
  %v = load i32, ptr @elsewhere
  ret i32 %v
}
;;; the global llvm.global_ctors
@llvm.global_ctors = appending global [1 x { i32, ptr, ptr }] [{ i32, ptr, ptr } { i32 65535, ptr @start, ptr null }]
define void @start() {
  ret void
}
define void @proof() {
  ret void
}
;;; aliases
@real = global [2 x i32] zeroinitializer
@other = alias i32, getelementptr (i8, ptr @real, i64 4)
define i32 @proof() {
  %v = load i32, ptr @other
  ret i32 %v
}
;;; memory of a size that is not fixed on the stack
define void @proof(i64 %count) {
  %room = alloca i8, i64 %count
  store i8 0, ptr %room
  ret void
}
;;; memory of a size that is not fixed on the stack
define i8 @proof(i64 %at) {
  %room = alloca i8, i64 4
  %place = getelementptr i8, ptr %room, i64 %at
  %v = load i8, ptr %place
  ret i8 %v
}
;;; a single bit in memory
define i1 @proof(ptr %p) {
  %v = load i1, ptr %p
  ret i1 %v
}
;;; a single bit in memory
@bit = global i1 true
define ptr @proof() {
  ret ptr @bit
}
;;; the instruction indirectbr|a constant of this kind
define void @proof(i1 %which) {
  %to = select i1 %which, ptr blockaddress(@proof, %a), ptr blockaddress(@proof, %b)
  indirectbr ptr %to, [label %a, label %b]
a:
  ret void
b:
  ret void
}
;;; the instruction callbr
define void @proof() {
  callbr void asm "", "!i"() to label %a [label %b]
a:
  ret void
b:
  ret void
}
;;; the type bfloat
define void @proof(ptr %p, bfloat %by) {
  %v = atomicrmw fadd ptr %p, bfloat %by seq_cst
  ret void
}
;;; an atomic operation of this kind
define void @proof(ptr %p) {
  %v = atomicrmw uinc_wrap ptr %p, i32 3 seq_cst
  ret void
}
;;; the intrinsic llvm.bswap.i32
declare i32 @llvm.bswap.i32(i32)
define i32 @proof(i32 %x) {
  %y = call i32 @llvm.bswap.i32(i32 %x)
  ret i32 %y
}
;;; a shift of one bit
define i1 @proof(i1 %x, i1 %y) {
  %z = shl i1 %x, %y
  ret i1 %z
}
;;; a division of one bit
define i1 @proof(i1 %x, i1 %y) {
  %z = udiv i1 %x, %y
  ret i1 %z
}
;;; overflow of one bit
define i1 @proof(i1 %x, i1 %y) {
  %z = add nuw i1 %x, %y
  ret i1 %z
}
;;; with overflow on one bit
declare { i1, i1 } @llvm.uadd.with.overflow.i1(i1, i1)
define i1 @proof(i1 %x, i1 %y) {
  %z = call { i1, i1 } @llvm.uadd.with.overflow.i1(i1 %x, i1 %y)
  %v = extractvalue { i1, i1 } %z, 0
  ret i1 %v
}
;;; saturating operation on one bit
declare i1 @llvm.uadd.sat.i1(i1, i1)
define i1 @proof(i1 %x, i1 %y) {
  %z = call i1 @llvm.uadd.sat.i1(i1 %x, i1 %y)
  ret i1 %z
}
;;; a bit of an address
define i1 @proof(ptr %p) {
  %z = ptrtoint ptr %p to i1
  ret i1 %z
}
;;; counting zeros of that many bits
declare i128 @llvm.cttz.i128(i128, i1)
define i128 @proof(i128 %x) {
  %y = call i128 @llvm.cttz.i128(i128 %x, i1 false)
  ret i128 %y
}
;;; a global that begins as undef
@start = global [2 x i32] undef
define ptr @proof() {
  ret ptr @start
}
;;; a global whose first value is not the one it says
@start = externally_initialized global i32 0
define ptr @proof() {
  ret ptr @start
}
;;; a pointer into a memory of its own
define i32 @proof(ptr addrspace(1) %p) {
  %v = load i32, ptr addrspace(1) %p
  ret i32 %v
}
;;; operand bundles
define internal void @callee() {
  ret void
}
define void @proof() {
  call void @callee() ["deopt"(i32 1)]
  ret void
}
;;; an assumption of the kind
declare void @llvm.assume(i1)
define void @proof(ptr %p) {
  call void @llvm.assume(i1 true) ["dereferenceable"(ptr %p, i64 8)]
  ret void
}
;;; an argument that is passed in a way of its own
define void @proof(ptr inalloca(i32) %p) {
  ret void
}
;;; an array without elements
%ends_open = type { i32, [0 x i32] }
@open = global %ends_open zeroinitializer
define ptr @proof() {
  ret ptr @open
}
;;; an input whose width is no constant
define void @proof(i32 %width) {
  %v = call i64 @labyrinth_any(ptr @any, i32 %width)
  ret void
}
;;; an input whose width is no constant
define void @proof() {
  %v = call i64 @labyrinth_any(ptr @any, i32 65)
  ret void
}
;;; a text that is no literal
define void @proof(ptr %text) {
  call void @labyrinth_prove(i1 true, ptr %text)
  ret void
}
;;; a text with control characters
@lines = private constant [4 x i8] c"a\0Ab\00"
define void @proof() {
  call void @labyrinth_prove(i1 true, ptr @lines)
  ret void
}
;;; a hook with such arguments
define void @labyrinth_after_write(ptr %at, i32 %before, i32 %after) {
  ret void
}
define void @proof() {
  ret void
}
;;; the function __ubsan_handle_add_overflow_minimal, which is defined elsewhere
declare void @__ubsan_handle_add_overflow_minimal()
define void @proof() {
  call void @__ubsan_handle_add_overflow_minimal()
  ret void
}
;;; a number of 24 bits in memory
define i32 @proof(ptr %p) {
  %v = load i24, ptr %p
  %y = zext i24 %v to i32
  ret i32 %y
}
;;; an intrinsic of 24 bits
declare i24 @llvm.ctpop.i24(i24)
define i24 @proof(i24 %x) {
  %y = call i24 @llvm.ctpop.i24(i24 %x)
  ret i24 %y
}
