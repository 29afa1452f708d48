; extractvalue, insertvalue, constants of structs and arrays, packed and nested ones, in values and in memory.
%inner = type { i8, [2 x i16] }
%outer = type { i32, [2 x %inner], i64 }
%packed = type <{ i8, i32, i16 }>
@packed = internal global %packed <{ i8 1, i32 -2, i16 3 }>
@outer = internal global %outer { i32 1, [2 x %inner] [%inner { i8 2, [2 x i16] [i16 3, i16 4] }, %inner zeroinitializer], i64 7 }
@padded = internal global { i8, [3 x i8], i32 } { i8 1, [3 x i8] undef, i32 9 }
@text = internal constant [3 x i8] c"a\22%"
define internal void @check(%outer %start, i16 %five) {
  %one = insertvalue %outer %start, i16 %five, 1, 1, 1, 1
  %five_back = extractvalue %outer %one, 1, 1, 1, 1
  %five_is = icmp eq i16 %five_back, 5
  call void @labyrinth_prove(i1 %five_is, ptr @"insertvalue deep in arrays of structs")
  %four = extractvalue %outer %one, 1, 0, 1, 1
  %four_is = icmp eq i16 %four, 4
  call void @labyrinth_prove(i1 %four_is, ptr @"insertvalue leaves the others")
  %before = extractvalue %outer %start, 1, 1, 1, 1
  %before_is = icmp eq i16 %before, 0
  call void @labyrinth_prove(i1 %before_is, ptr @"insertvalue leaves what it began with")
  %array = insertvalue [3 x i8] [i8 1, i8 2, i8 3], i8 -1, 1
  %array0 = extractvalue [3 x i8] %array, 0
  %array0_is = icmp eq i8 %array0, 1
  call void @labyrinth_prove(i1 %array0_is, ptr @"an array as a value")
  %array1 = extractvalue [3 x i8] %array, 1
  %array1_is = icmp eq i8 %array1, -1
  call void @labyrinth_prove(i1 %array1_is, ptr @"insertvalue into an array")
  %square = insertvalue [2 x [2 x i32]] zeroinitializer, i32 6, 1, 0
  %six = extractvalue [2 x [2 x i32]] %square, 1, 0
  %six_is = icmp eq i32 %six, 6
  call void @labyrinth_prove(i1 %six_is, ptr @"an array of arrays")
  %part = insertvalue %inner undef, i8 8, 0
  %other = extractvalue %inner %part, 1, 0
  %other_is = icmp eq i16 %other, 0
  call void @labyrinth_prove(i1 %other_is, ptr @"FAILS insertvalue into undef leaves zero")
  ret void
}
define void @proof() {
  %start = load %outer, ptr @outer
  call void @check(%outer %start, i16 5)
  %deep = getelementptr %outer, ptr @outer, i64 0, i32 1, i64 0, i32 1, i64 1
  %deep_value = load i16, ptr %deep
  %deep_is = icmp eq i16 %deep_value, 4
  call void @labyrinth_prove(i1 %deep_is, ptr @"getelementptr through nested types")
  %middle = getelementptr %packed, ptr @packed, i64 0, i32 1
  %middle_value = load i32, ptr %middle, align 1
  %middle_is = icmp eq i32 %middle_value, -2
  call void @labyrinth_prove(i1 %middle_is, ptr @"a packed struct")
  %by_bytes = getelementptr i8, ptr @packed, i64 5
  %last = load i16, ptr %by_bytes, align 1
  %last_is = icmp eq i16 %last, 3
  call void @labyrinth_prove(i1 %last_is, ptr @"a packed struct's last field is at its byte")
  %quote = getelementptr i8, ptr @text, i64 1
  %quote_value = load i8, ptr %quote
  %quote_is = icmp eq i8 %quote_value, 34
  call void @labyrinth_prove(i1 %quote_is, ptr @"a quote in a text")
  %nine = getelementptr i8, ptr @padded, i64 4
  %nine_value = load i32, ptr %nine
  %nine_is = icmp eq i32 %nine_value, 9
  call void @labyrinth_prove(i1 %nine_is, ptr @"a struct with padding; 100% of it")
  call void @labyrinth_prove(i1 false, ptr @"FAILS the end is reached")
  ret void
}
