; Branches, phi, switch, calls, indirect calls, byval, sret, unreachable.
%pair = type { i32, i64 }
define internal i32 @fibonacci(i32 %count) {
entry:
  br label %loop
loop:
  ; The two read each other's last values: they swap.
  %a = phi i32 [ 0, %entry ], [ %b, %next ]
  %b = phi i32 [ 1, %entry ], [ %a, %next ]
  %i = phi i32 [ 0, %entry ], [ %more, %next ]
  %done = icmp eq i32 %i, %count
  br i1 %done, label %end, label %next
next:
  %more = add i32 %i, 1
  br label %loop
end:
  ret i32 %a
}
define internal i16 @chosen(i64 %of) {
entry:
  switch i64 %of, label %other [ i64 -1, label %join
                                 i64 4294967296, label %large
                                 i64 1, label %join ]
large:
  br label %join
other:
  br label %join
join:
  %what = phi i16 [ 10, %entry ], [ 10, %entry ], [ 20, %large ], [ undef, %other ]
  ret i16 %what
}
define internal %pair @pair_of(i32 %a, i64 %b) {
  %one = insertvalue %pair poison, i32 %a, 0
  %two = insertvalue %pair %one, i64 %b, 1
  ret %pair %two
}
define internal i64 @changes_its_copy(ptr byval(%pair) align 8 %copy) {
  %field = getelementptr inbounds %pair, ptr %copy, i64 0, i32 1
  %before = load i64, ptr %field
  store i64 99, ptr %field
  ret i64 %before
}
define internal void @result_in(ptr sret(%pair) %to) {
  %field = getelementptr inbounds %pair, ptr %to, i64 0, i32 1
  store i64 5, ptr %field
  ret void
}
define internal i8 @up(i8 %x) {
  %y = add i8 %x, 1
  ret i8 %y
}
define internal i8 @down(i8 %x) {
  %y = sub i8 %x, 1
  ret i8 %y
}
define internal i32 @factorial(i32 %n) {
  %end = icmp eq i32 %n, 0
  br i1 %end, label %one, label %more
one:
  ret i32 1
more:
  %less = sub i32 %n, 1
  %rest = call i32 @factorial(i32 %less)
  %all = mul i32 %n, %rest
  ret i32 %all
}
define internal void @promises_not_to_return() noreturn {
  ret void
}
@raise = internal alias i8 (i8), ptr @up
@table = internal constant [2 x ptr] [ptr @up, ptr @down]
; FAILS: undefined: reached what must not be: 2
define void @proof() {
  %f3 = call i32 @fibonacci(i32 3)
  %f3_is = icmp eq i32 %f3, 1
  call void @labyrinth_prove(i1 %f3_is, ptr @"phi: three swaps")
  %f4 = call i32 @fibonacci(i32 4)
  %f4_is = icmp eq i32 %f4, 0
  call void @labyrinth_prove(i1 %f4_is, ptr @"phi: four swaps")
  %c1 = call i16 @chosen(i64 -1)
  %c1_is = icmp eq i16 %c1, 10
  call void @labyrinth_prove(i1 %c1_is, ptr @"switch on -1")
  %c2 = call i16 @chosen(i64 4294967296)
  %c2_is = icmp eq i16 %c2, 20
  call void @labyrinth_prove(i1 %c2_is, ptr @"switch on more than 32 bits")
  %c3 = call i16 @chosen(i64 0)
  %c3_is = icmp ne i16 %c3, 10
  call void @labyrinth_prove(i1 %c3_is, ptr @"FAILS phi of undef is not 10")
  %p = call %pair @pair_of(i32 3, i64 -4)
  %p1 = extractvalue %pair %p, 1
  %p1_is = icmp eq i64 %p1, -4
  call void @labyrinth_prove(i1 %p1_is, ptr @"a struct that is returned")
  %memory = alloca %pair
  store %pair %p, ptr %memory
  %old = call i64 @changes_its_copy(ptr byval(%pair) align 8 %memory)
  %old_is = icmp eq i64 %old, -4
  call void @labyrinth_prove(i1 %old_is, ptr @"byval has the value")
  %mine = load %pair, ptr %memory
  %mine1 = extractvalue %pair %mine, 1
  %mine_is = icmp eq i64 %mine1, -4
  call void @labyrinth_prove(i1 %mine_is, ptr @"byval is a copy")
  call void @result_in(ptr sret(%pair) %memory)
  %result = load %pair, ptr %memory
  %result1 = extractvalue %pair %result, 1
  %result_is = icmp eq i64 %result1, 5
  call void @labyrinth_prove(i1 %result_is, ptr @"sret")
  %which = call i64 @labyrinth_any(ptr @any, i32 1)
  %slot = getelementptr [2 x ptr], ptr @table, i64 0, i64 %which
  %function = load ptr, ptr %slot
  %moved = call i8 %function(i8 0)
  %up = icmp eq i64 %which, 0
  %expected = select i1 %up, i8 1, i8 -1
  %moved_is = icmp eq i8 %moved, %expected
  call void @labyrinth_prove(i1 %moved_is, ptr @"an indirect call")
  %moved_up = icmp eq i8 %moved, 1
  call void @labyrinth_prove(i1 %moved_up, ptr @"FAILS an indirect call of one of two is of the first")
  %raised = call i8 @raise(i8 -1)
  %raised_is = icmp eq i8 %raised, 0
  call void @labyrinth_prove(i1 %raised_is, ptr @"an alias")
  %f5 = call i32 @factorial(i32 5)
  %f5_is = icmp eq i32 %f5, 120
  call void @labyrinth_prove(i1 %f5_is, ptr @"recursion")
  %choice = call i64 @labyrinth_any(ptr @any, i32 2)
  switch i64 %choice, label %end [ i64 0, label %bad
                                   i64 1, label %worse ]
bad:
  unreachable
worse:
  call void @promises_not_to_return() noreturn
  unreachable
end:
  call void @labyrinth_prove(i1 false, ptr @"FAILS the end is reached")
  ret void
}
