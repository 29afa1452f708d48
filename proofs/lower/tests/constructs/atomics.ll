; Atomics of each kind: what they leave, what they result in.
; WIDTHS: 8 16 32 64 128
@cell = internal global iN 0, align 16
define internal void @check(iN %one, iN %all, iN %min, iN %max) {
  store atomic iN %max, ptr @cell release, align 16
  %old0 = atomicrmw xchg ptr @cell, iN %one acq_rel
  %now0 = load atomic iN, ptr @cell acquire, align 16
  %c0 = icmp eq iN %now0, 1
  call void @labyrinth_prove(i1 %c0, ptr @"atomicrmw xchg of max and one leaves")
  %d0 = icmp eq iN %old0, %max
  call void @labyrinth_prove(i1 %d0, ptr @"atomicrmw xchg of max and one results in what was there")
  store atomic iN %max, ptr @cell release, align 16
  %old1 = atomicrmw add ptr @cell, iN %one acq_rel
  %now1 = load atomic iN, ptr @cell acquire, align 16
  %c1 = icmp eq iN %now1, MIN
  call void @labyrinth_prove(i1 %c1, ptr @"atomicrmw add of max and one leaves")
  %d1 = icmp eq iN %old1, %max
  call void @labyrinth_prove(i1 %d1, ptr @"atomicrmw add of max and one results in what was there")
  store atomic iN %all, ptr @cell release, align 16
  %old2 = atomicrmw add ptr @cell, iN %one acq_rel
  %now2 = load atomic iN, ptr @cell acquire, align 16
  %c2 = icmp eq iN %now2, 0
  call void @labyrinth_prove(i1 %c2, ptr @"atomicrmw add of all and one leaves")
  %d2 = icmp eq iN %old2, %all
  call void @labyrinth_prove(i1 %d2, ptr @"atomicrmw add of all and one results in what was there")
  store atomic iN %min, ptr @cell release, align 16
  %old3 = atomicrmw sub ptr @cell, iN %one acq_rel
  %now3 = load atomic iN, ptr @cell acquire, align 16
  %c3 = icmp eq iN %now3, MAX
  call void @labyrinth_prove(i1 %c3, ptr @"atomicrmw sub of min and one leaves")
  %d3 = icmp eq iN %old3, %min
  call void @labyrinth_prove(i1 %d3, ptr @"atomicrmw sub of min and one results in what was there")
  store atomic iN %min, ptr @cell release, align 16
  %old4 = atomicrmw and ptr @cell, iN %all acq_rel
  %now4 = load atomic iN, ptr @cell acquire, align 16
  %c4 = icmp eq iN %now4, MIN
  call void @labyrinth_prove(i1 %c4, ptr @"atomicrmw and of min and all leaves")
  %d4 = icmp eq iN %old4, %min
  call void @labyrinth_prove(i1 %d4, ptr @"atomicrmw and of min and all results in what was there")
  store atomic iN %min, ptr @cell release, align 16
  %old5 = atomicrmw or ptr @cell, iN %max acq_rel
  %now5 = load atomic iN, ptr @cell acquire, align 16
  %c5 = icmp eq iN %now5, -1
  call void @labyrinth_prove(i1 %c5, ptr @"atomicrmw or of min and max leaves")
  %d5 = icmp eq iN %old5, %min
  call void @labyrinth_prove(i1 %d5, ptr @"atomicrmw or of min and max results in what was there")
  store atomic iN %all, ptr @cell release, align 16
  %old6 = atomicrmw xor ptr @cell, iN %max acq_rel
  %now6 = load atomic iN, ptr @cell acquire, align 16
  %c6 = icmp eq iN %now6, MIN
  call void @labyrinth_prove(i1 %c6, ptr @"atomicrmw xor of all and max leaves")
  %d6 = icmp eq iN %old6, %all
  call void @labyrinth_prove(i1 %d6, ptr @"atomicrmw xor of all and max results in what was there")
  store atomic iN %all, ptr @cell release, align 16
  %old7 = atomicrmw nand ptr @cell, iN %max acq_rel
  %now7 = load atomic iN, ptr @cell acquire, align 16
  %c7 = icmp eq iN %now7, MIN
  call void @labyrinth_prove(i1 %c7, ptr @"atomicrmw nand of all and max leaves")
  %d7 = icmp eq iN %old7, %all
  call void @labyrinth_prove(i1 %d7, ptr @"atomicrmw nand of all and max results in what was there")
  store atomic iN %min, ptr @cell release, align 16
  %old8 = atomicrmw max ptr @cell, iN %one acq_rel
  %now8 = load atomic iN, ptr @cell acquire, align 16
  %c8 = icmp eq iN %now8, 1
  call void @labyrinth_prove(i1 %c8, ptr @"atomicrmw max of min and one leaves")
  %d8 = icmp eq iN %old8, %min
  call void @labyrinth_prove(i1 %d8, ptr @"atomicrmw max of min and one results in what was there")
  store atomic iN %all, ptr @cell release, align 16
  %old9 = atomicrmw max ptr @cell, iN %one acq_rel
  %now9 = load atomic iN, ptr @cell acquire, align 16
  %c9 = icmp eq iN %now9, 1
  call void @labyrinth_prove(i1 %c9, ptr @"atomicrmw max of all and one leaves")
  %d9 = icmp eq iN %old9, %all
  call void @labyrinth_prove(i1 %d9, ptr @"atomicrmw max of all and one results in what was there")
  store atomic iN %all, ptr @cell release, align 16
  %old10 = atomicrmw min ptr @cell, iN %one acq_rel
  %now10 = load atomic iN, ptr @cell acquire, align 16
  %c10 = icmp eq iN %now10, -1
  call void @labyrinth_prove(i1 %c10, ptr @"atomicrmw min of all and one leaves")
  %d10 = icmp eq iN %old10, %all
  call void @labyrinth_prove(i1 %d10, ptr @"atomicrmw min of all and one results in what was there")
  store atomic iN %all, ptr @cell release, align 16
  %old11 = atomicrmw umax ptr @cell, iN %one acq_rel
  %now11 = load atomic iN, ptr @cell acquire, align 16
  %c11 = icmp eq iN %now11, -1
  call void @labyrinth_prove(i1 %c11, ptr @"atomicrmw umax of all and one leaves")
  %d11 = icmp eq iN %old11, %all
  call void @labyrinth_prove(i1 %d11, ptr @"atomicrmw umax of all and one results in what was there")
  store atomic iN %all, ptr @cell release, align 16
  %old12 = atomicrmw umin ptr @cell, iN %one acq_rel
  %now12 = load atomic iN, ptr @cell acquire, align 16
  %c12 = icmp eq iN %now12, 1
  call void @labyrinth_prove(i1 %c12, ptr @"atomicrmw umin of all and one leaves")
  %d12 = icmp eq iN %old12, %all
  call void @labyrinth_prove(i1 %d12, ptr @"atomicrmw umin of all and one results in what was there")
  store atomic iN %all, ptr @cell seq_cst, align 16
  %x0 = cmpxchg ptr @cell, iN %all, iN %max acq_rel monotonic
  %seen0 = extractvalue {iN, i1} %x0, 0
  %done0 = extractvalue {iN, i1} %x0, 1
  %left0 = load atomic iN, ptr @cell monotonic, align 16
  %is_seen0 = icmp eq iN %seen0, %all
  call void @labyrinth_prove(i1 %is_seen0, ptr @"cmpxchg of all results in what was there")
  %is_new0 = icmp eq iN %left0, %max
  %is_consistent0 = icmp eq i1 %is_new0, %done0
  call void @labyrinth_prove(i1 %is_consistent0, ptr @"cmpxchg of all writes if and only if it says so")
  %not_done0 = xor i1 %done0, true
  call void @labyrinth_prove(i1 %done0, ptr @"cmpxchg of all succeeds")
  store atomic iN %all, ptr @cell seq_cst, align 16
  %x1 = cmpxchg ptr @cell, iN %one, iN %max acq_rel monotonic
  %seen1 = extractvalue {iN, i1} %x1, 0
  %done1 = extractvalue {iN, i1} %x1, 1
  %left1 = load atomic iN, ptr @cell monotonic, align 16
  %is_seen1 = icmp eq iN %seen1, %all
  call void @labyrinth_prove(i1 %is_seen1, ptr @"cmpxchg of one results in what was there")
  %is_new1 = icmp eq iN %left1, %max
  %is_consistent1 = icmp eq i1 %is_new1, %done1
  call void @labyrinth_prove(i1 %is_consistent1, ptr @"cmpxchg of one writes if and only if it says so")
  %not_done1 = xor i1 %done1, true
  call void @labyrinth_prove(i1 %not_done1, ptr @"cmpxchg of one does not")
  store atomic iN %all, ptr @cell seq_cst, align 16
  %x2 = cmpxchg weak ptr @cell, iN %all, iN %max acq_rel monotonic
  %seen2 = extractvalue {iN, i1} %x2, 0
  %done2 = extractvalue {iN, i1} %x2, 1
  %left2 = load atomic iN, ptr @cell monotonic, align 16
  %is_seen2 = icmp eq iN %seen2, %all
  call void @labyrinth_prove(i1 %is_seen2, ptr @"cmpxchg weak of all results in what was there")
  %is_new2 = icmp eq iN %left2, %max
  %is_consistent2 = icmp eq i1 %is_new2, %done2
  call void @labyrinth_prove(i1 %is_consistent2, ptr @"cmpxchg weak of all writes if and only if it says so")
  %not_done2 = xor i1 %done2, true
  call void @labyrinth_prove(i1 %done2, ptr @"FAILS cmpxchg weak of all succeeds")
  call void @labyrinth_prove(i1 %not_done2, ptr @"FAILS cmpxchg weak of all never succeeds")
  store atomic iN %all, ptr @cell seq_cst, align 16
  %x3 = cmpxchg weak ptr @cell, iN %one, iN %max acq_rel monotonic
  %seen3 = extractvalue {iN, i1} %x3, 0
  %done3 = extractvalue {iN, i1} %x3, 1
  %left3 = load atomic iN, ptr @cell monotonic, align 16
  %is_seen3 = icmp eq iN %seen3, %all
  call void @labyrinth_prove(i1 %is_seen3, ptr @"cmpxchg weak of one results in what was there")
  %is_new3 = icmp eq iN %left3, %max
  %is_consistent3 = icmp eq i1 %is_new3, %done3
  call void @labyrinth_prove(i1 %is_consistent3, ptr @"cmpxchg weak of one writes if and only if it says so")
  %not_done3 = xor i1 %done3, true
  call void @labyrinth_prove(i1 %not_done3, ptr @"cmpxchg weak of one does not")
  fence seq_cst
  ret void
}
@place = internal global ptr null
define void @proof() {
  call void @check(iN 1, iN -1, iN MIN, iN MAX)
  %before = atomicrmw xchg ptr @place, ptr @cell acq_rel
  %before_is = icmp eq ptr %before, null
  call void @labyrinth_prove(i1 %before_is, ptr @"atomicrmw xchg of an address")
  %swap = cmpxchg ptr @place, ptr @cell, ptr null acq_rel acquire
  %swapped = extractvalue {ptr, i1} %swap, 1
  call void @labyrinth_prove(i1 %swapped, ptr @"cmpxchg of an address")
  %after = load atomic ptr, ptr @place acquire, align 8
  %after_is = icmp eq ptr %after, null
  call void @labyrinth_prove(i1 %after_is, ptr @"a load of an address")
  ret void
}
