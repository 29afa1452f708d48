; memcpy, memmove, memset of constant and of varying length, loads with promises, lives of variables.
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memmove.p0.p0.i64(ptr, ptr, i64, i1)
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare void @llvm.lifetime.start.p0(i64, ptr)
declare void @llvm.lifetime.end.p0(i64, ptr)
@from = internal global [8 x i8] c"12345678"
@to = internal global [8 x i8] zeroinitializer
define internal i8 @byte(ptr %of, i64 %at) {
  %place = getelementptr i8, ptr %of, i64 %at
  %value = load i8, ptr %place
  ret i8 %value
}
; FAILS: undefined: a copy onto itself: 2
; FAILS: undefined: a value that its type does not have: 3
define internal void @check(i64 %three, i64 %zero, i8 %nine) {
  call void @llvm.memcpy.p0.p0.i64(ptr @to, ptr @from, i64 5, i1 false)
  %a = call i8 @byte(ptr @to, i64 4)
  %a_is = icmp eq i8 %a, 53
  call void @labyrinth_prove(i1 %a_is, ptr @"memcpy of a constant length copies all")
  %b = call i8 @byte(ptr @to, i64 5)
  %b_is = icmp eq i8 %b, 0
  call void @labyrinth_prove(i1 %b_is, ptr @"memcpy of a constant length copies no more")
  %to5 = getelementptr i8, ptr @to, i64 5
  call void @llvm.memcpy.p0.p0.i64(ptr %to5, ptr @from, i64 %three, i1 false)
  %c = call i8 @byte(ptr @to, i64 7)
  %c_is = icmp eq i8 %c, 51
  call void @labyrinth_prove(i1 %c_is, ptr @"memcpy of a varying length")
  call void @llvm.memcpy.p0.p0.i64(ptr null, ptr null, i64 %zero, i1 false)
  call void @llvm.memcpy.p0.p0.i64(ptr @to, ptr @to, i64 8, i1 false)
  %to1 = getelementptr i8, ptr @to, i64 1
  call void @llvm.memmove.p0.p0.i64(ptr %to1, ptr @to, i64 4, i1 false)
  %d = call i8 @byte(ptr @to, i64 4)
  %d_is = icmp eq i8 %d, 52
  call void @labyrinth_prove(i1 %d_is, ptr @"memmove upwards onto itself")
  call void @llvm.memmove.p0.p0.i64(ptr @to, ptr %to1, i64 %three, i1 false)
  %e = call i8 @byte(ptr @to, i64 2)
  %e_is = icmp eq i8 %e, 51
  call void @labyrinth_prove(i1 %e_is, ptr @"memmove downwards onto itself, of a varying length")
  call void @llvm.memmove.p0.p0.i64(ptr %to1, ptr @to, i64 %three, i1 false)
  %e2 = call i8 @byte(ptr @to, i64 3)
  %e2_is = icmp eq i8 %e2, 51
  call void @labyrinth_prove(i1 %e2_is, ptr @"memmove upwards onto itself, of a varying length")
  call void @llvm.memset.p0.i64(ptr %to1, i8 0, i64 2, i1 false)
  %f = call i8 @byte(ptr @to, i64 2)
  %f_is = icmp eq i8 %f, 0
  call void @labyrinth_prove(i1 %f_is, ptr @"memset to zero")
  %g = call i8 @byte(ptr @to, i64 3)
  %g_is = icmp ne i8 %g, 0
  call void @labyrinth_prove(i1 %g_is, ptr @"memset to zero of no more")
  call void @llvm.memset.p0.i64(ptr %to1, i8 -1, i64 2, i1 false)
  %h = call i8 @byte(ptr @to, i64 2)
  %h_is = icmp eq i8 %h, -1
  call void @labyrinth_prove(i1 %h_is, ptr @"memset to a constant")
  call void @llvm.memset.p0.i64(ptr @to, i8 %nine, i64 %three, i1 false)
  %i = call i8 @byte(ptr @to, i64 2)
  %i_is = icmp eq i8 %i, 9
  call void @labyrinth_prove(i1 %i_is, ptr @"memset of a varying length")
  %which = call i64 @labyrinth_any(ptr @any, i32 2)
  switch i64 %which, label %end [ i64 0, label %constant
                                  i64 1, label %varying ]
constant:
  call void @llvm.memcpy.p0.p0.i64(ptr %to1, ptr @to, i64 4, i1 false)
  br label %end
varying:
  call void @llvm.memcpy.p0.p0.i64(ptr %to1, ptr @to, i64 %three, i1 false)
  br label %end
end:
  ret void
}
@nine = internal global i8 9
@null = internal global ptr null
@odd = internal global ptr getelementptr (i8, ptr @from, i64 1)
define internal void @promises() {
  %a = load i8, ptr @nine, !range !{i8 0, i8 10}, !noundef !{}
  %c = load i8, ptr @nine, !range !{i8 0, i8 1, i8 8, i8 -1}, !noundef !{}
  %d = load i8, ptr @nine, !range !{i8 12, i8 10}, !noundef !{}
  %h = load ptr, ptr @odd, !align !{i64 1}, !noundef !{}
  %e = load i8, ptr @nine, !range !{i8 0, i8 9}
  %e_is = icmp eq i8 %e, 9
  call void @labyrinth_prove(i1 %e_is, ptr @"FAILS a load out of its range is what is there")
  %which = call i64 @labyrinth_any(ptr @any, i32 2)
  switch i64 %which, label %end [ i64 0, label %case0
                                   i64 1, label %case1
                                   i64 2, label %case2 ]
case0:
  %r0 = load i8, ptr @nine, !range !{i8 0, i8 9}, !noundef !{}
  br label %end
case1:
  %r1 = load ptr, ptr @null, !nonnull !{}, !noundef !{}
  br label %end
case2:
  %r2 = load ptr, ptr @odd, !align !{i64 4}, !noundef !{}
  br label %end
end:
  ret void
}
define internal void @lives() {
entry:
  %room = alloca i32
  %kept = alloca ptr
  br label %again
again:
  %round = phi i32 [ 0, %entry ], [ %next, %again ]
  call void @llvm.lifetime.start.p0(i64 4, ptr %room)
  store ptr %room, ptr %kept
  %first = load i32, ptr %room
  %first_is = icmp ne i32 %first, 5
  call void @labyrinth_prove(i1 %first_is, ptr @"FAILS a variable's life begins without its last value")
  store i32 5, ptr %room
  %now = load i32, ptr %room
  %now_is = icmp eq i32 %now, 5
  call void @labyrinth_prove(i1 %now_is, ptr @"a variable within its life")
  call void @llvm.lifetime.end.p0(i64 4, ptr %room)
  %next = add i32 %round, 1
  %more = icmp ult i32 %next, 3
  br i1 %more, label %again, label %end
end:
  ret void
}
define void @proof() {
  call void @check(i64 3, i64 0, i8 9)
  call void @promises()
  call void @lives()
  call void @labyrinth_prove(i1 false, ptr @"FAILS the end is reached")
  ret void
}
