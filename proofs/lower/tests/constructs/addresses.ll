; getelementptr: indices have a sign, also narrow ones; and what lies outside is found at the access.
@words = internal global [4 x i32] [i32 10, i32 11, i32 12, i32 13]
@grid = internal global [2 x [3 x i16]] [[3 x i16] [i16 0, i16 1, i16 2], [3 x i16] [i16 3, i16 4, i16 5]]
define internal void @check(i8 %narrow, i32 %minus, i64 %two, i1 %bit, i128 %wide) {
  %end = getelementptr [4 x i32], ptr @words, i64 1, i64 0
  %a = getelementptr i32, ptr %end, i8 %narrow
  %a_value = load i32, ptr %a
  %a_is = icmp eq i32 %a_value, 13
  call void @labyrinth_prove(i1 %a_is, ptr @"getelementptr by -1 of 8 bits")
  %b = getelementptr i32, ptr %end, i32 %minus
  %b_value = load i32, ptr %b
  %b_is = icmp eq i32 %b_value, 12
  call void @labyrinth_prove(i1 %b_is, ptr @"getelementptr by -2 of 32 bits")
  %c = getelementptr i32, ptr %end, i64 -4
  %c_value = load i32, ptr %c
  %c_is = icmp eq i32 %c_value, 10
  call void @labyrinth_prove(i1 %c_is, ptr @"getelementptr by a constant below zero")
  %d = getelementptr i32, ptr %end, i1 %bit
  %d_value = load i32, ptr %d
  %d_is = icmp eq i32 %d_value, 13
  call void @labyrinth_prove(i1 %d_is, ptr @"getelementptr by true, which is -1")
  %e = getelementptr [2 x [3 x i16]], ptr @grid, i64 0, i64 1, i64 %two
  %e_value = load i16, ptr %e
  %e_is = icmp eq i16 %e_value, 5
  call void @labyrinth_prove(i1 %e_is, ptr @"getelementptr in an array of arrays")
  %f = getelementptr i32, ptr @words, i128 %wide
  %f_value = load i32, ptr %f
  %f_is = icmp eq i32 %f_value, 11
  call void @labyrinth_prove(i1 %f_is, ptr @"getelementptr by 128 bits, cut to 64")
  %g = getelementptr i32, ptr @words, i128 18446744073709551617
  %g_value = load i32, ptr %g
  %g_is = icmp eq i32 %g_value, 11
  call void @labyrinth_prove(i1 %g_is, ptr @"getelementptr by a constant of 128 bits")
  %h = load i16, ptr getelementptr inbounds ([2 x [3 x i16]], ptr @grid, i64 0, i64 1, i64 1)
  %h_is = icmp eq i16 %h, 4
  call void @labyrinth_prove(i1 %h_is, ptr @"getelementptr as a constant")
  %half = getelementptr i8, ptr @words, i64 2
  %across = load i32, ptr %half, align 1
  %across_is = icmp eq i32 %across, 720896
  call void @labyrinth_prove(i1 %across_is, ptr @"a load across two elements")
  ret void
}
define void @proof() {
  call void @check(i8 -1, i32 -2, i64 2, i1 true, i128 18446744073709551617)
  call void @labyrinth_prove(i1 false, ptr @"FAILS the end is reached")
  ret void
}
