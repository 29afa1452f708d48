; icmp: each predicate, on numbers about the sign's edge and on addresses.
; WIDTHS: 8 16 24 32 56 64 128
define internal void @check(iN %one, iN %all, iN %min, iN %max) {
  %c0 = icmp eq iN %min, %max
  %d0 = xor i1 %c0, true
  call void @labyrinth_prove(i1 %d0, ptr @"icmp eq of min and max")
  %c1 = icmp eq iN %max, %min
  %d1 = xor i1 %c1, true
  call void @labyrinth_prove(i1 %d1, ptr @"icmp eq of max and min")
  %c2 = icmp eq iN %all, %one
  %d2 = xor i1 %c2, true
  call void @labyrinth_prove(i1 %d2, ptr @"icmp eq of all and one")
  %c3 = icmp eq iN %max, %max
  call void @labyrinth_prove(i1 %c3, ptr @"icmp eq of max and max")
  %c4 = icmp ne iN %min, %max
  call void @labyrinth_prove(i1 %c4, ptr @"icmp ne of min and max")
  %c5 = icmp ne iN %max, %min
  call void @labyrinth_prove(i1 %c5, ptr @"icmp ne of max and min")
  %c6 = icmp ne iN %all, %one
  call void @labyrinth_prove(i1 %c6, ptr @"icmp ne of all and one")
  %c7 = icmp ne iN %max, %max
  %d7 = xor i1 %c7, true
  call void @labyrinth_prove(i1 %d7, ptr @"icmp ne of max and max")
  %c8 = icmp ugt iN %min, %max
  call void @labyrinth_prove(i1 %c8, ptr @"icmp ugt of min and max")
  %c9 = icmp ugt iN %max, %min
  %d9 = xor i1 %c9, true
  call void @labyrinth_prove(i1 %d9, ptr @"icmp ugt of max and min")
  %c10 = icmp ugt iN %all, %one
  call void @labyrinth_prove(i1 %c10, ptr @"icmp ugt of all and one")
  %c11 = icmp ugt iN %max, %max
  %d11 = xor i1 %c11, true
  call void @labyrinth_prove(i1 %d11, ptr @"icmp ugt of max and max")
  %c12 = icmp uge iN %min, %max
  call void @labyrinth_prove(i1 %c12, ptr @"icmp uge of min and max")
  %c13 = icmp uge iN %max, %min
  %d13 = xor i1 %c13, true
  call void @labyrinth_prove(i1 %d13, ptr @"icmp uge of max and min")
  %c14 = icmp uge iN %all, %one
  call void @labyrinth_prove(i1 %c14, ptr @"icmp uge of all and one")
  %c15 = icmp uge iN %max, %max
  call void @labyrinth_prove(i1 %c15, ptr @"icmp uge of max and max")
  %c16 = icmp ult iN %min, %max
  %d16 = xor i1 %c16, true
  call void @labyrinth_prove(i1 %d16, ptr @"icmp ult of min and max")
  %c17 = icmp ult iN %max, %min
  call void @labyrinth_prove(i1 %c17, ptr @"icmp ult of max and min")
  %c18 = icmp ult iN %all, %one
  %d18 = xor i1 %c18, true
  call void @labyrinth_prove(i1 %d18, ptr @"icmp ult of all and one")
  %c19 = icmp ult iN %max, %max
  %d19 = xor i1 %c19, true
  call void @labyrinth_prove(i1 %d19, ptr @"icmp ult of max and max")
  %c20 = icmp ule iN %min, %max
  %d20 = xor i1 %c20, true
  call void @labyrinth_prove(i1 %d20, ptr @"icmp ule of min and max")
  %c21 = icmp ule iN %max, %min
  call void @labyrinth_prove(i1 %c21, ptr @"icmp ule of max and min")
  %c22 = icmp ule iN %all, %one
  %d22 = xor i1 %c22, true
  call void @labyrinth_prove(i1 %d22, ptr @"icmp ule of all and one")
  %c23 = icmp ule iN %max, %max
  call void @labyrinth_prove(i1 %c23, ptr @"icmp ule of max and max")
  %c24 = icmp sgt iN %min, %max
  %d24 = xor i1 %c24, true
  call void @labyrinth_prove(i1 %d24, ptr @"icmp sgt of min and max")
  %c25 = icmp sgt iN %max, %min
  call void @labyrinth_prove(i1 %c25, ptr @"icmp sgt of max and min")
  %c26 = icmp sgt iN %all, %one
  %d26 = xor i1 %c26, true
  call void @labyrinth_prove(i1 %d26, ptr @"icmp sgt of all and one")
  %c27 = icmp sgt iN %max, %max
  %d27 = xor i1 %c27, true
  call void @labyrinth_prove(i1 %d27, ptr @"icmp sgt of max and max")
  %c28 = icmp sge iN %min, %max
  %d28 = xor i1 %c28, true
  call void @labyrinth_prove(i1 %d28, ptr @"icmp sge of min and max")
  %c29 = icmp sge iN %max, %min
  call void @labyrinth_prove(i1 %c29, ptr @"icmp sge of max and min")
  %c30 = icmp sge iN %all, %one
  %d30 = xor i1 %c30, true
  call void @labyrinth_prove(i1 %d30, ptr @"icmp sge of all and one")
  %c31 = icmp sge iN %max, %max
  call void @labyrinth_prove(i1 %c31, ptr @"icmp sge of max and max")
  %c32 = icmp slt iN %min, %max
  call void @labyrinth_prove(i1 %c32, ptr @"icmp slt of min and max")
  %c33 = icmp slt iN %max, %min
  %d33 = xor i1 %c33, true
  call void @labyrinth_prove(i1 %d33, ptr @"icmp slt of max and min")
  %c34 = icmp slt iN %all, %one
  call void @labyrinth_prove(i1 %c34, ptr @"icmp slt of all and one")
  %c35 = icmp slt iN %max, %max
  %d35 = xor i1 %c35, true
  call void @labyrinth_prove(i1 %d35, ptr @"icmp slt of max and max")
  %c36 = icmp sle iN %min, %max
  call void @labyrinth_prove(i1 %c36, ptr @"icmp sle of min and max")
  %c37 = icmp sle iN %max, %min
  %d37 = xor i1 %c37, true
  call void @labyrinth_prove(i1 %d37, ptr @"icmp sle of max and min")
  %c38 = icmp sle iN %all, %one
  call void @labyrinth_prove(i1 %c38, ptr @"icmp sle of all and one")
  %c39 = icmp sle iN %max, %max
  call void @labyrinth_prove(i1 %c39, ptr @"icmp sle of max and max")
  ret void
}
@block = internal global [4 x i8] zeroinitializer
define void @proof() {
  call void @check(iN 1, iN -1, iN MIN, iN MAX)
  %second = getelementptr i8, ptr @block, i64 1
  %ult = icmp ult ptr @block, %second
  call void @labyrinth_prove(i1 %ult, ptr @"icmp ult of addresses")
  %ne = icmp ne ptr @block, %second
  call void @labyrinth_prove(i1 %ne, ptr @"icmp ne of addresses")
  %null = icmp ne ptr @block, null
  call void @labyrinth_prove(i1 %null, ptr @"icmp with null")
  %uge = icmp uge ptr @block, %second
  call void @labyrinth_prove(i1 %uge, ptr @"FAILS icmp uge of addresses")
  ret void
}
