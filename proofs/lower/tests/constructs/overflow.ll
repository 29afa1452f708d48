; add, sub, mul with overflow, with and without sign: the result wraps, and the bit says whether it did.
; WIDTHS: 8 16 32 64 128
declare {iN, i1} @llvm.sadd.with.overflow.iN(iN, iN)
declare {iN, i1} @llvm.uadd.with.overflow.iN(iN, iN)
declare {iN, i1} @llvm.ssub.with.overflow.iN(iN, iN)
declare {iN, i1} @llvm.usub.with.overflow.iN(iN, iN)
declare {iN, i1} @llvm.smul.with.overflow.iN(iN, iN)
declare {iN, i1} @llvm.umul.with.overflow.iN(iN, iN)
define internal void @check(iN %zero, iN %one, iN %all, iN %min, iN %max) {
  %r0 = call {iN, i1} @llvm.sadd.with.overflow.iN(iN %max, iN %one)
  %v0 = extractvalue {iN, i1} %r0, 0
  %o0 = extractvalue {iN, i1} %r0, 1
  %c0 = icmp eq iN %v0, MIN
  call void @labyrinth_prove(i1 %c0, ptr @"sadd of max one results in")
  call void @labyrinth_prove(i1 %o0, ptr @"sadd of max one overflows")
  %r1 = call {iN, i1} @llvm.sadd.with.overflow.iN(iN %all, iN %one)
  %v1 = extractvalue {iN, i1} %r1, 0
  %o1 = extractvalue {iN, i1} %r1, 1
  %c1 = icmp eq iN %v1, 0
  call void @labyrinth_prove(i1 %c1, ptr @"sadd of all one results in")
  %n1 = xor i1 %o1, true
  call void @labyrinth_prove(i1 %n1, ptr @"sadd of all one fits")
  %r2 = call {iN, i1} @llvm.sadd.with.overflow.iN(iN %min, iN %all)
  %v2 = extractvalue {iN, i1} %r2, 0
  %o2 = extractvalue {iN, i1} %r2, 1
  %c2 = icmp eq iN %v2, MAX
  call void @labyrinth_prove(i1 %c2, ptr @"sadd of min all results in")
  call void @labyrinth_prove(i1 %o2, ptr @"sadd of min all overflows")
  %r3 = call {iN, i1} @llvm.uadd.with.overflow.iN(iN %all, iN %one)
  %v3 = extractvalue {iN, i1} %r3, 0
  %o3 = extractvalue {iN, i1} %r3, 1
  %c3 = icmp eq iN %v3, 0
  call void @labyrinth_prove(i1 %c3, ptr @"uadd of all one results in")
  call void @labyrinth_prove(i1 %o3, ptr @"uadd of all one overflows")
  %r4 = call {iN, i1} @llvm.uadd.with.overflow.iN(iN %max, iN %one)
  %v4 = extractvalue {iN, i1} %r4, 0
  %o4 = extractvalue {iN, i1} %r4, 1
  %c4 = icmp eq iN %v4, MIN
  call void @labyrinth_prove(i1 %c4, ptr @"uadd of max one results in")
  %n4 = xor i1 %o4, true
  call void @labyrinth_prove(i1 %n4, ptr @"uadd of max one fits")
  %r5 = call {iN, i1} @llvm.ssub.with.overflow.iN(iN %min, iN %one)
  %v5 = extractvalue {iN, i1} %r5, 0
  %o5 = extractvalue {iN, i1} %r5, 1
  %c5 = icmp eq iN %v5, MAX
  call void @labyrinth_prove(i1 %c5, ptr @"ssub of min one results in")
  call void @labyrinth_prove(i1 %o5, ptr @"ssub of min one overflows")
  %r6 = call {iN, i1} @llvm.ssub.with.overflow.iN(iN %zero, iN %min)
  %v6 = extractvalue {iN, i1} %r6, 0
  %o6 = extractvalue {iN, i1} %r6, 1
  %c6 = icmp eq iN %v6, MIN
  call void @labyrinth_prove(i1 %c6, ptr @"ssub of zero min results in")
  call void @labyrinth_prove(i1 %o6, ptr @"ssub of zero min overflows")
  %r7 = call {iN, i1} @llvm.ssub.with.overflow.iN(iN %zero, iN %one)
  %v7 = extractvalue {iN, i1} %r7, 0
  %o7 = extractvalue {iN, i1} %r7, 1
  %c7 = icmp eq iN %v7, -1
  call void @labyrinth_prove(i1 %c7, ptr @"ssub of zero one results in")
  %n7 = xor i1 %o7, true
  call void @labyrinth_prove(i1 %n7, ptr @"ssub of zero one fits")
  %r8 = call {iN, i1} @llvm.usub.with.overflow.iN(iN %zero, iN %one)
  %v8 = extractvalue {iN, i1} %r8, 0
  %o8 = extractvalue {iN, i1} %r8, 1
  %c8 = icmp eq iN %v8, -1
  call void @labyrinth_prove(i1 %c8, ptr @"usub of zero one results in")
  call void @labyrinth_prove(i1 %o8, ptr @"usub of zero one overflows")
  %r9 = call {iN, i1} @llvm.usub.with.overflow.iN(iN %all, iN %min)
  %v9 = extractvalue {iN, i1} %r9, 0
  %o9 = extractvalue {iN, i1} %r9, 1
  %c9 = icmp eq iN %v9, MAX
  call void @labyrinth_prove(i1 %c9, ptr @"usub of all min results in")
  %n9 = xor i1 %o9, true
  call void @labyrinth_prove(i1 %n9, ptr @"usub of all min fits")
  %r10 = call {iN, i1} @llvm.smul.with.overflow.iN(iN %min, iN %all)
  %v10 = extractvalue {iN, i1} %r10, 0
  %o10 = extractvalue {iN, i1} %r10, 1
  %c10 = icmp eq iN %v10, MIN
  call void @labyrinth_prove(i1 %c10, ptr @"smul of min all results in")
  call void @labyrinth_prove(i1 %o10, ptr @"smul of min all overflows")
  %r11 = call {iN, i1} @llvm.smul.with.overflow.iN(iN %max, iN %all)
  %v11 = extractvalue {iN, i1} %r11, 0
  %o11 = extractvalue {iN, i1} %r11, 1
  %c11 = icmp eq iN %v11, -MAX
  call void @labyrinth_prove(i1 %c11, ptr @"smul of max all results in")
  %n11 = xor i1 %o11, true
  call void @labyrinth_prove(i1 %n11, ptr @"smul of max all fits")
  %r12 = call {iN, i1} @llvm.smul.with.overflow.iN(iN %max, iN %max)
  %v12 = extractvalue {iN, i1} %r12, 0
  %o12 = extractvalue {iN, i1} %r12, 1
  %c12 = icmp eq iN %v12, 1
  call void @labyrinth_prove(i1 %c12, ptr @"smul of max max results in")
  call void @labyrinth_prove(i1 %o12, ptr @"smul of max max overflows")
  %r13 = call {iN, i1} @llvm.umul.with.overflow.iN(iN %all, iN %all)
  %v13 = extractvalue {iN, i1} %r13, 0
  %o13 = extractvalue {iN, i1} %r13, 1
  %c13 = icmp eq iN %v13, 1
  call void @labyrinth_prove(i1 %c13, ptr @"umul of all all results in")
  call void @labyrinth_prove(i1 %o13, ptr @"umul of all all overflows")
  %r14 = call {iN, i1} @llvm.umul.with.overflow.iN(iN %min, iN %one)
  %v14 = extractvalue {iN, i1} %r14, 0
  %o14 = extractvalue {iN, i1} %r14, 1
  %c14 = icmp eq iN %v14, MIN
  call void @labyrinth_prove(i1 %c14, ptr @"umul of min one results in")
  %n14 = xor i1 %o14, true
  call void @labyrinth_prove(i1 %n14, ptr @"umul of min one fits")
  %r15 = call {iN, i1} @llvm.umul.with.overflow.iN(iN %max, iN %max)
  %v15 = extractvalue {iN, i1} %r15, 0
  %o15 = extractvalue {iN, i1} %r15, 1
  %c15 = icmp eq iN %v15, 1
  call void @labyrinth_prove(i1 %c15, ptr @"umul of max max results in")
  call void @labyrinth_prove(i1 %o15, ptr @"umul of max max overflows")
  ret void
}
define void @proof() {
  call void @check(iN 0, iN 1, iN -1, iN MIN, iN MAX)
  call void @labyrinth_prove(i1 false, ptr @"FAILS the end is reached")
  ret void
}
