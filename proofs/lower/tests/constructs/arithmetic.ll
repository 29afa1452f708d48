; add, sub, mul, and, or, xor at each width: they wrap, whatever C promotes to.
; WIDTHS: 8 16 24 32 56 64 128
; The operands are arguments, so that no constant is folded before C sees it.
define internal void @check(iN %zero, iN %one, iN %all, iN %min, iN %max) {
  %add = add iN %max, %one
  %add_is = icmp eq iN %add, MIN
  call void @labyrinth_prove(i1 %add_is, ptr @"add wraps to the least")
  %add2 = add iN %all, %one
  %add2_is = icmp eq iN %add2, 0
  call void @labyrinth_prove(i1 %add2_is, ptr @"add wraps to zero")
  %add2_less = icmp ult iN %add2, %all
  call void @labyrinth_prove(i1 %add2_less, ptr @"add's result is compared as it is, not as C promotes it")
  %sub = sub iN %min, %one
  %sub_is = icmp eq iN %sub, MAX
  call void @labyrinth_prove(i1 %sub_is, ptr @"sub wraps to the largest")
  %sub2 = sub iN %zero, %one
  %sub2_is = icmp ugt iN %sub2, MAX
  call void @labyrinth_prove(i1 %sub2_is, ptr @"sub wraps below zero")
  %mul = mul iN %all, %all
  %mul_is = icmp eq iN %mul, 1
  call void @labyrinth_prove(i1 %mul_is, ptr @"mul of all ones is one")
  %mul2 = mul iN %min, %all
  %mul2_is = icmp eq iN %mul2, MIN
  call void @labyrinth_prove(i1 %mul2_is, ptr @"mul of the least by -1 is the least")
  %mul3 = mul iN %max, %max
  %mul3_is = icmp eq iN %mul3, 1
  call void @labyrinth_prove(i1 %mul3_is, ptr @"mul of the largest by itself is one")
  %and = and iN %min, %all
  %and_is = icmp eq iN %and, MIN
  call void @labyrinth_prove(i1 %and_is, ptr @"and")
  %or = or iN %min, %max
  %or_is = icmp eq iN %or, -1
  call void @labyrinth_prove(i1 %or_is, ptr @"or")
  %xor = xor iN %max, %all
  %xor_is = icmp eq iN %xor, MIN
  call void @labyrinth_prove(i1 %xor_is, ptr @"xor with all ones is not")
  %not_less = icmp ult iN %xor, %all
  call void @labyrinth_prove(i1 %not_less, ptr @"not of a narrow number is narrow")
  ret void
}
define void @proof() {
  call void @check(iN 0, iN 1, iN -1, iN MIN, iN MAX)
  %a = call i64 @labyrinth_any(ptr @any, i32 64)
  %b = call i64 @labyrinth_any(ptr @any, i32 64)
  %x = AS_N i64 %a to iN
  %y = AS_N i64 %b to iN
  %sum = add iN %x, %y
  %back = sub iN %sum, %y
  %same = icmp eq iN %back, %x
  call void @labyrinth_prove(i1 %same, ptr @"sub undoes add")
  %carry = and iN %x, %y
  %twice = mul iN %carry, 2
  %without = xor iN %x, %y
  %again = add iN %without, %twice
  %adds = icmp eq iN %again, %sum
  call void @labyrinth_prove(i1 %adds, ptr @"add is xor and the carries")
  %less = icmp uge iN %sum, %x
  call void @labyrinth_prove(i1 %less, ptr @"FAILS add does not wrap")
  call void @labyrinth_prove(i1 false, ptr @"FAILS the end is reached")
  ret void
}
