; What stands before each test in LLVM IR: the machine, and what a proof says.
target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"
target triple = "x86_64-pc-linux-gnu"
declare i64 @labyrinth_any(ptr, i32)
declare void @labyrinth_assume(i1 zeroext)
declare void @labyrinth_prove(i1 zeroext, ptr)
@any = private constant [4 x i8] c"any\00"
