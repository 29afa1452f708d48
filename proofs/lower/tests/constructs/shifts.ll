; shl, lshr, ashr with their flags; a shift by the width or more is poison.
; WIDTHS: 8 16 24 32 56 64 128
define internal void @check(iN %one, iN %all, iN %min, iN %max, iN %last, iN %bits) {
  %shl = shl iN %one, %last
  %shl_is = icmp eq iN %shl, MIN
  call void @labyrinth_prove(i1 %shl_is, ptr @"shl to the highest bit")
  %shl2 = shl iN %all, %one
  %shl2_is = icmp eq iN %shl2, -2
  call void @labyrinth_prove(i1 %shl2_is, ptr @"shl drops what leaves")
  %shl2_lost = lshr iN %shl2, %last
  %shl2_lost_is = icmp eq iN %shl2_lost, 1
  call void @labyrinth_prove(i1 %shl2_lost_is, ptr @"lshr of a result of shl sees no more than the width")
  %lshr = lshr iN %all, %one
  %lshr_is = icmp eq iN %lshr, MAX
  call void @labyrinth_prove(i1 %lshr_is, ptr @"lshr brings zeros in")
  %ashr = ashr iN %min, %last
  %ashr_is = icmp eq iN %ashr, -1
  call void @labyrinth_prove(i1 %ashr_is, ptr @"ashr brings the sign in")
  %ashr2 = ashr iN %max, %last
  %ashr2_is = icmp eq iN %ashr2, 0
  call void @labyrinth_prove(i1 %ashr2_is, ptr @"ashr of a positive number")
  %far = shl iN %one, %bits
  %far_is = icmp eq iN %far, 0
  call void @labyrinth_prove(i1 %far_is, ptr @"FAILS shl by the width is 0")
  %far2 = lshr iN %all, %bits
  %far2_is = icmp eq iN %far2, 0
  call void @labyrinth_prove(i1 %far2_is, ptr @"FAILS lshr by the width is 0")
  %far2_not = icmp ne iN %far2, 0
  call void @labyrinth_prove(i1 %far2_not, ptr @"FAILS lshr by the width is not 0")
  %far3 = ashr iN %all, %bits
  %far3_is = icmp eq iN %far3, -1
  call void @labyrinth_prove(i1 %far3_is, ptr @"FAILS ashr by the width is the sign")
  %far4 = shl iN %one, BITS
  %far4_is = icmp eq iN %far4, 0
  call void @labyrinth_prove(i1 %far4_is, ptr @"FAILS shl by the width, a constant, is 0")
  %nuw = shl nuw iN %one, %last
  %nuw_is = icmp eq iN %nuw, MIN
  call void @labyrinth_prove(i1 %nuw_is, ptr @"shl nuw into the sign")
  %nuw2 = shl nuw iN %min, %one
  %nuw2_is = icmp eq iN %nuw2, 0
  call void @labyrinth_prove(i1 %nuw2_is, ptr @"FAILS shl nuw that loses a bit")
  %nsw = shl nsw iN %all, %last
  %nsw_is = icmp eq iN %nsw, MIN
  call void @labyrinth_prove(i1 %nsw_is, ptr @"shl nsw of -1 to the least")
  %nsw2 = shl nsw iN %one, %last
  %nsw2_is = icmp eq iN %nsw2, MIN
  call void @labyrinth_prove(i1 %nsw2_is, ptr @"FAILS shl nsw that changes the sign")
  %exact = lshr exact iN %min, %last
  %exact_is = icmp eq iN %exact, 1
  call void @labyrinth_prove(i1 %exact_is, ptr @"lshr exact")
  %exact2 = lshr exact iN %all, %one
  %exact2_is = icmp eq iN %exact2, MAX
  call void @labyrinth_prove(i1 %exact2_is, ptr @"FAILS lshr exact that loses a bit")
  %exact3 = ashr exact iN %min, %last
  %exact3_is = icmp eq iN %exact3, -1
  call void @labyrinth_prove(i1 %exact3_is, ptr @"ashr exact")
  %exact4 = ashr exact iN %all, %one
  %exact4_is = icmp eq iN %exact4, -1
  call void @labyrinth_prove(i1 %exact4_is, ptr @"FAILS ashr exact that loses a bit")
  ret void
}
define void @proof() {
  call void @check(iN 1, iN -1, iN MIN, iN MAX, iN LAST, iN BITS)
  ret void
}
