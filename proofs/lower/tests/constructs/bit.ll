; i1: arithmetic modulo 2, and true is the number -1.
define internal void @check(i1 %no, i1 %yes, i8 %two) {
  %add = add i1 %yes, %yes
  %add_is = icmp eq i1 %add, false
  call void @labyrinth_prove(i1 %add_is, ptr @"1 + 1 is 0")
  %sub = sub i1 %no, %yes
  call void @labyrinth_prove(i1 %sub, ptr @"0 - 1 is 1")
  %mul = mul i1 %yes, %yes
  call void @labyrinth_prove(i1 %mul, ptr @"1 * 1 is 1")
  %xor = xor i1 %yes, true
  %xor_is = icmp eq i1 %xor, %no
  call void @labyrinth_prove(i1 %xor_is, ptr @"not true is false")
  %and = and i1 %yes, %no
  %or = or i1 %and, %yes
  call void @labyrinth_prove(i1 %or, ptr @"and, or")
  %slt = icmp slt i1 %yes, %no
  call void @labyrinth_prove(i1 %slt, ptr @"true is less than false, with sign")
  %ugt = icmp ugt i1 %yes, %no
  call void @labyrinth_prove(i1 %ugt, ptr @"true is more than false, without")
  %sext = sext i1 %yes to i32
  %sext_is = icmp eq i32 %sext, -1
  call void @labyrinth_prove(i1 %sext_is, ptr @"sext i1 is -1")
  %sext8 = sext i1 %yes to i8
  %sext8_is = icmp eq i8 %sext8, -1
  call void @labyrinth_prove(i1 %sext8_is, ptr @"sext i1 to i8 is -1")
  %sextw = sext i1 %yes to i128
  %sextw_is = icmp eq i128 %sextw, -1
  call void @labyrinth_prove(i1 %sextw_is, ptr @"sext i1 to i128 is -1")
  %zext = zext i1 %yes to i64
  %zext_is = icmp eq i64 %zext, 1
  call void @labyrinth_prove(i1 %zext_is, ptr @"zext i1 is 1")
  %trunc = trunc i8 %two to i1
  %trunc_is = icmp eq i1 %trunc, false
  call void @labyrinth_prove(i1 %trunc_is, ptr @"trunc to i1 takes the lowest bit")
  %min = call i1 @llvm.smin.i1(i1 %yes, i1 %no)
  call void @labyrinth_prove(i1 %min, ptr @"smin of i1")
  %nuw = trunc nuw i8 %two to i1
  %nuw_is = icmp eq i1 %nuw, false
  call void @labyrinth_prove(i1 %nuw_is, ptr @"FAILS trunc nuw to i1 of 2")
  %nsw = trunc nsw i8 1 to i1
  call void @labyrinth_prove(i1 %nsw, ptr @"FAILS trunc nsw to i1 of 1")
  %nsw2 = trunc nsw i8 -1 to i1
  call void @labyrinth_prove(i1 %nsw2, ptr @"trunc nsw to i1 of -1")
  %nneg = zext nneg i1 %yes to i8
  %nneg_is = icmp eq i8 %nneg, 1
  call void @labyrinth_prove(i1 %nneg_is, ptr @"FAILS zext nneg of true")
  switch i1 %yes, label %bad [ i1 true, label %good ]
bad:
  call void @labyrinth_prove(i1 false, ptr @"switch on i1")
  ret void
good:
  call void @labyrinth_prove(i1 false, ptr @"FAILS switch on i1 goes on")
  ret void
}
declare i1 @llvm.smin.i1(i1, i1)
define void @proof() {
  call void @check(i1 false, i1 true, i8 2)
  ret void
}
