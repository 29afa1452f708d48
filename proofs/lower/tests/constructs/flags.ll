; nsw, nuw and disjoint: what breaks them is any value, what keeps them is exact.
; WIDTHS: 8 16 24 32 56 64 128
define internal void @check(iN %zero, iN %one, iN %all, iN %min, iN %max) {
  %r0 = add nsw iN %max, %zero
  %c0 = icmp eq iN %r0, MAX
  call void @labyrinth_prove(i1 %c0, ptr @"add nsw of max and zero")
  %r1 = add nsw iN %max, %one
  %c1 = icmp eq iN %r1, MIN
  call void @labyrinth_prove(i1 %c1, ptr @"FAILS add nsw of max and one")
  %n1 = icmp ne iN %r1, MIN
  call void @labyrinth_prove(i1 %n1, ptr @"FAILS add nsw of max and one is another")
  %r2 = add nsw iN %all, %all
  %c2 = icmp eq iN %r2, -2
  call void @labyrinth_prove(i1 %c2, ptr @"add nsw of all and all")
  %r3 = add nsw iN %min, %all
  %c3 = icmp eq iN %r3, MAX
  call void @labyrinth_prove(i1 %c3, ptr @"FAILS add nsw of min and all")
  %r4 = add nuw iN %max, %one
  %c4 = icmp eq iN %r4, MIN
  call void @labyrinth_prove(i1 %c4, ptr @"add nuw of max and one")
  %r5 = add nuw iN %all, %one
  %c5 = icmp eq iN %r5, 0
  call void @labyrinth_prove(i1 %c5, ptr @"FAILS add nuw of all and one")
  %n5 = icmp ne iN %r5, 0
  call void @labyrinth_prove(i1 %n5, ptr @"FAILS add nuw of all and one is another")
  %r6 = add nuw nsw iN %one, %one
  %c6 = icmp eq iN %r6, 2
  call void @labyrinth_prove(i1 %c6, ptr @"add nuw nsw of one and one")
  %r7 = add nuw nsw iN %max, %one
  %c7 = icmp eq iN %r7, MIN
  call void @labyrinth_prove(i1 %c7, ptr @"FAILS add nuw nsw of max and one")
  %r8 = sub nsw iN %all, %max
  %c8 = icmp eq iN %r8, MIN
  call void @labyrinth_prove(i1 %c8, ptr @"sub nsw of all and max")
  %r9 = sub nsw iN %min, %one
  %c9 = icmp eq iN %r9, MAX
  call void @labyrinth_prove(i1 %c9, ptr @"FAILS sub nsw of min and one")
  %r10 = sub nsw iN %zero, %min
  %c10 = icmp eq iN %r10, MIN
  call void @labyrinth_prove(i1 %c10, ptr @"FAILS sub nsw of zero and min")
  %r11 = sub nuw iN %all, %all
  %c11 = icmp eq iN %r11, 0
  call void @labyrinth_prove(i1 %c11, ptr @"sub nuw of all and all")
  %r12 = sub nuw iN %zero, %one
  %c12 = icmp eq iN %r12, -1
  call void @labyrinth_prove(i1 %c12, ptr @"FAILS sub nuw of zero and one")
  %r13 = mul nsw iN %all, %max
  %c13 = icmp eq iN %r13, -MAX
  call void @labyrinth_prove(i1 %c13, ptr @"mul nsw of all and max")
  %r14 = mul nsw iN %min, %all
  %c14 = icmp eq iN %r14, MIN
  call void @labyrinth_prove(i1 %c14, ptr @"FAILS mul nsw of min and all")
  %r15 = mul nsw iN %max, %max
  %c15 = icmp eq iN %r15, 1
  call void @labyrinth_prove(i1 %c15, ptr @"FAILS mul nsw of max and max")
  %r16 = mul nuw iN %min, %one
  %c16 = icmp eq iN %r16, MIN
  call void @labyrinth_prove(i1 %c16, ptr @"mul nuw of min and one")
  %r17 = mul nuw iN %all, %all
  %c17 = icmp eq iN %r17, 1
  call void @labyrinth_prove(i1 %c17, ptr @"FAILS mul nuw of all and all")
  %r18 = mul nuw iN %max, %max
  %c18 = icmp eq iN %r18, 1
  call void @labyrinth_prove(i1 %c18, ptr @"FAILS mul nuw of max and max")
  %r19 = or disjoint iN %min, %max
  %c19 = icmp eq iN %r19, -1
  call void @labyrinth_prove(i1 %c19, ptr @"or disjoint of min and max")
  %r20 = or disjoint iN %one, %all
  %c20 = icmp eq iN %r20, -1
  call void @labyrinth_prove(i1 %c20, ptr @"FAILS or disjoint of one and all")
  ret void
}
define void @proof() {
  call void @check(iN 0, iN 1, iN -1, iN MIN, iN MAX)
  ret void
}
