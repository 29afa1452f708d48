; udiv, sdiv, urem, srem: towards zero, the remainder has the dividend's sign; exact.
; WIDTHS: 8 16 24 32 56 64 128
define internal void @check(iN %two, iN %all, iN %min, iN %max, iN %minus_seven) {
  %udiv = udiv iN %all, %two
  %udiv_is = icmp eq iN %udiv, MAX
  call void @labyrinth_prove(i1 %udiv_is, ptr @"udiv has no sign")
  %urem = urem iN %all, %min
  %urem_is = icmp eq iN %urem, MAX
  call void @labyrinth_prove(i1 %urem_is, ptr @"urem has no sign")
  %sdiv = sdiv iN %minus_seven, %two
  %sdiv_is = icmp eq iN %sdiv, -3
  call void @labyrinth_prove(i1 %sdiv_is, ptr @"sdiv is towards zero")
  %srem = srem iN %minus_seven, %two
  %srem_is = icmp eq iN %srem, -1
  call void @labyrinth_prove(i1 %srem_is, ptr @"srem has the dividend's sign")
  %sdiv2 = sdiv iN %max, %all
  %sdiv2_is = icmp eq iN %sdiv2, -MAX
  call void @labyrinth_prove(i1 %sdiv2_is, ptr @"sdiv by -1")
  %uexact = udiv exact iN %min, %two
  %uexact_back = mul iN %uexact, %two
  %uexact_is = icmp eq iN %uexact_back, MIN
  call void @labyrinth_prove(i1 %uexact_is, ptr @"udiv exact")
  %uexact2 = udiv exact iN %max, %two
  %uexact2_is = icmp ult iN %uexact2, %max
  call void @labyrinth_prove(i1 %uexact2_is, ptr @"FAILS udiv exact with a remainder")
  %sexact = sdiv exact iN %min, %two
  %sexact_is = icmp slt iN %sexact, 0
  call void @labyrinth_prove(i1 %sexact_is, ptr @"sdiv exact")
  %sexact2 = sdiv exact iN %minus_seven, %two
  %sexact2_is = icmp eq iN %sexact2, -3
  call void @labyrinth_prove(i1 %sexact2_is, ptr @"FAILS sdiv exact with a remainder")
  ret void
}
; What is undefined is an assertion of its own.
; FAILS: undefined: division by zero: 4
; FAILS: undefined: division overflow: 2
define internal void @undefined(iN %zero, iN %all, iN %min) {
  %which = call i64 @labyrinth_any(ptr @any, i32 3)
  switch i64 %which, label %end [ i64 0, label %case0
                                   i64 1, label %case1
                                   i64 2, label %case2
                                   i64 3, label %case3
                                   i64 4, label %case4
                                   i64 5, label %case5 ]
case0:
  %r0 = udiv iN %min, %zero
  br label %end
case1:
  %r1 = urem iN %min, %zero
  br label %end
case2:
  %r2 = sdiv iN %min, %zero
  br label %end
case3:
  %r3 = srem iN %min, %zero
  br label %end
case4:
  %r4 = sdiv iN %min, %all
  br label %end
case5:
  %r5 = srem iN %min, %all
  br label %end
end:
  ret void
}
define void @proof() {
  call void @check(iN 2, iN -1, iN MIN, iN MAX, iN -7)
  call void @undefined(iN 0, iN -1, iN MIN)
  ret void
}
