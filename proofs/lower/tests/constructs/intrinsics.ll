; min, max, ctpop, cttz, ctlz, funnel shifts, saturation: narrow numbers are counted in their own width.
; WIDTHS: 8 16 32 64
declare iN @llvm.umin.iN(iN, iN)
declare iN @llvm.umax.iN(iN, iN)
declare iN @llvm.smin.iN(iN, iN)
declare iN @llvm.smax.iN(iN, iN)
declare iN @llvm.ctpop.iN(iN)
declare iN @llvm.cttz.iN(iN, i1)
declare iN @llvm.ctlz.iN(iN, i1)
declare iN @llvm.uadd.sat.iN(iN, iN)
declare iN @llvm.usub.sat.iN(iN, iN)
declare iN @llvm.fshl.iN(iN, iN, iN)
declare iN @llvm.fshr.iN(iN, iN, iN)
declare iN @llvm.expect.iN(iN, iN)
declare i1 @llvm.is.constant.iN(iN)
define internal void @check(iN %zero, iN %one, iN %all, iN %min, iN %max, iN %bits, iN %more) {
  %r0 = call iN @llvm.umin.iN(iN %all, iN %one)
  %c0 = icmp eq iN %r0, 1
  call void @labyrinth_prove(i1 %c0, ptr @"umin of all one")
  %r1 = call iN @llvm.umax.iN(iN %all, iN %one)
  %c1 = icmp eq iN %r1, -1
  call void @labyrinth_prove(i1 %c1, ptr @"umax of all one")
  %r2 = call iN @llvm.smin.iN(iN %all, iN %one)
  %c2 = icmp eq iN %r2, -1
  call void @labyrinth_prove(i1 %c2, ptr @"smin of all one")
  %r3 = call iN @llvm.smax.iN(iN %all, iN %one)
  %c3 = icmp eq iN %r3, 1
  call void @labyrinth_prove(i1 %c3, ptr @"smax of all one")
  %r4 = call iN @llvm.smin.iN(iN %min, iN %max)
  %c4 = icmp eq iN %r4, MIN
  call void @labyrinth_prove(i1 %c4, ptr @"smin of min max")
  %r5 = call iN @llvm.ctpop.iN(iN %all)
  %c5 = icmp eq iN %r5, BITS
  call void @labyrinth_prove(i1 %c5, ptr @"ctpop of all")
  %r6 = call iN @llvm.ctpop.iN(iN %min)
  %c6 = icmp eq iN %r6, 1
  call void @labyrinth_prove(i1 %c6, ptr @"ctpop of min")
  %r7 = call iN @llvm.ctpop.iN(iN %zero)
  %c7 = icmp eq iN %r7, 0
  call void @labyrinth_prove(i1 %c7, ptr @"ctpop of zero")
  %r8 = call iN @llvm.cttz.iN(iN %zero, i1 false)
  %c8 = icmp eq iN %r8, BITS
  call void @labyrinth_prove(i1 %c8, ptr @"cttz of zero")
  %r9 = call iN @llvm.cttz.iN(iN %min, i1 false)
  %c9 = icmp eq iN %r9, LAST
  call void @labyrinth_prove(i1 %c9, ptr @"cttz of min")
  %r10 = call iN @llvm.cttz.iN(iN %one, i1 true)
  %c10 = icmp eq iN %r10, 0
  call void @labyrinth_prove(i1 %c10, ptr @"cttz zero is poison of one")
  %r11 = call iN @llvm.cttz.iN(iN %min, i1 true)
  %c11 = icmp eq iN %r11, LAST
  call void @labyrinth_prove(i1 %c11, ptr @"cttz zero is poison of min")
  %r12 = call iN @llvm.ctlz.iN(iN %zero, i1 false)
  %c12 = icmp eq iN %r12, BITS
  call void @labyrinth_prove(i1 %c12, ptr @"ctlz of zero")
  %r13 = call iN @llvm.ctlz.iN(iN %one, i1 false)
  %c13 = icmp eq iN %r13, LAST
  call void @labyrinth_prove(i1 %c13, ptr @"ctlz of one")
  %r14 = call iN @llvm.ctlz.iN(iN %all, i1 true)
  %c14 = icmp eq iN %r14, 0
  call void @labyrinth_prove(i1 %c14, ptr @"ctlz zero is poison of all")
  %r15 = call iN @llvm.ctlz.iN(iN %max, i1 true)
  %c15 = icmp eq iN %r15, 1
  call void @labyrinth_prove(i1 %c15, ptr @"ctlz zero is poison of max")
  %r16 = call iN @llvm.cttz.iN(iN %zero, i1 true)
  %c16 = icmp eq iN %r16, BITS
  call void @labyrinth_prove(i1 %c16, ptr @"FAILS cttz zero is poison of zero")
  %r17 = call iN @llvm.ctlz.iN(iN %zero, i1 true)
  %c17 = icmp eq iN %r17, BITS
  call void @labyrinth_prove(i1 %c17, ptr @"FAILS ctlz zero is poison of zero")
  %r18 = call iN @llvm.uadd.sat.iN(iN %all, iN %one)
  %c18 = icmp eq iN %r18, -1
  call void @labyrinth_prove(i1 %c18, ptr @"uadd.sat of all one")
  %r19 = call iN @llvm.uadd.sat.iN(iN %max, iN %one)
  %c19 = icmp eq iN %r19, MIN
  call void @labyrinth_prove(i1 %c19, ptr @"uadd.sat of max one")
  %r20 = call iN @llvm.usub.sat.iN(iN %one, iN %all)
  %c20 = icmp eq iN %r20, 0
  call void @labyrinth_prove(i1 %c20, ptr @"usub.sat of one all")
  %r21 = call iN @llvm.usub.sat.iN(iN %all, iN %one)
  %c21 = icmp eq iN %r21, -2
  call void @labyrinth_prove(i1 %c21, ptr @"usub.sat of all one")
  %r22 = call iN @llvm.fshl.iN(iN %one, iN %min, iN %one)
  %c22 = icmp eq iN %r22, 3
  call void @labyrinth_prove(i1 %c22, ptr @"fshl of one min one")
  %r23 = call iN @llvm.fshl.iN(iN %one, iN %min, iN %zero)
  %c23 = icmp eq iN %r23, 1
  call void @labyrinth_prove(i1 %c23, ptr @"fshl of one min zero")
  %r24 = call iN @llvm.fshl.iN(iN %one, iN %min, iN %bits)
  %c24 = icmp eq iN %r24, 1
  call void @labyrinth_prove(i1 %c24, ptr @"fshl of one min bits")
  %r25 = call iN @llvm.fshl.iN(iN %one, iN %min, iN %more)
  %c25 = icmp eq iN %r25, 3
  call void @labyrinth_prove(i1 %c25, ptr @"fshl of one min more")
  %r26 = call iN @llvm.fshr.iN(iN %one, iN %min, iN %one)
  %h26 = shl iN %r26, 1
  %c26 = icmp eq iN %h26, MIN
  call void @labyrinth_prove(i1 %c26, ptr @"fshr of one min one")
  %r27 = call iN @llvm.fshr.iN(iN %one, iN %min, iN %zero)
  %c27 = icmp eq iN %r27, MIN
  call void @labyrinth_prove(i1 %c27, ptr @"fshr of one min zero")
  %r28 = call iN @llvm.fshr.iN(iN %one, iN %min, iN %bits)
  %c28 = icmp eq iN %r28, MIN
  call void @labyrinth_prove(i1 %c28, ptr @"fshr of one min bits")
  %r29 = call iN @llvm.fshr.iN(iN %all, iN %zero, iN %one)
  %c29 = icmp eq iN %r29, MIN
  call void @labyrinth_prove(i1 %c29, ptr @"fshr of all zero one")
  %r30 = call iN @llvm.fshl.iN(iN %zero, iN %all, iN %one)
  %c30 = icmp eq iN %r30, 1
  call void @labyrinth_prove(i1 %c30, ptr @"fshl of zero all one")
  %r31 = call iN @llvm.expect.iN(iN %max, iN %one)
  %c31 = icmp eq iN %r31, MAX
  call void @labyrinth_prove(i1 %c31, ptr @"expect of max one")
  ret void
}
define void @proof() {
  call void @check(iN 0, iN 1, iN -1, iN MIN, iN MAX, iN BITS, iN NEXT)
  ret void
}
