; trunc, zext, sext between all widths, ptrtoint, inttoptr, freeze, select.
; WIDTHS: 8 16 24 32 56 64
@cell = internal global i64 7
define internal void @check(iN %all, iN %min, i128 %wide_min, i128 %wide_all) {
  %sext = sext iN %min to i128
  %sext_is = icmp eq i128 %sext, MIN
  call void @labyrinth_prove(i1 %sext_is, ptr @"sext keeps the number")
  %zext = zext iN %all to i128
  %zext_more = icmp sgt i128 %zext, 0
  call void @labyrinth_prove(i1 %zext_more, ptr @"zext makes no sign")
  %zext_back = trunc i128 %zext to iN
  %zext_is = icmp eq iN %zext_back, -1
  call void @labyrinth_prove(i1 %zext_is, ptr @"trunc undoes zext")
  %cut = trunc i128 %wide_min to iN
  %cut_is = icmp eq iN %cut, 0
  call void @labyrinth_prove(i1 %cut_is, ptr @"trunc drops the high bits")
  %nuw = trunc nuw i128 %zext to iN
  %nuw_is = icmp eq iN %nuw, -1
  call void @labyrinth_prove(i1 %nuw_is, ptr @"trunc nuw of what fits")
  %nuw2 = trunc nuw i128 %wide_all to iN
  %nuw2_is = icmp eq iN %nuw2, -1
  call void @labyrinth_prove(i1 %nuw2_is, ptr @"FAILS trunc nuw of what does not fit")
  %nsw = trunc nsw i128 %wide_all to iN
  %nsw_is = icmp eq iN %nsw, -1
  call void @labyrinth_prove(i1 %nsw_is, ptr @"trunc nsw of what fits")
  %nsw2 = trunc nsw i128 %zext to iN
  %nsw2_is = icmp eq iN %nsw2, -1
  call void @labyrinth_prove(i1 %nsw2_is, ptr @"FAILS trunc nsw of what does not fit")
  %nneg = zext nneg iN 1 to i128
  %nneg_is = icmp eq i128 %nneg, 1
  call void @labyrinth_prove(i1 %nneg_is, ptr @"zext nneg of a positive number")
  %nneg2 = zext nneg iN %min to i128
  %nneg2_is = icmp eq i128 %nneg2, %wide_min
  call void @labyrinth_prove(i1 %nneg2_is, ptr @"FAILS zext nneg of a negative number")
  %less = icmp slt iN %min, 0
  %select = select i1 %less, iN %all, iN %min
  %select_is = icmp eq iN %select, -1
  call void @labyrinth_prove(i1 %select_is, ptr @"select of the first")
  %more = icmp sgt iN %min, 0
  %select2 = select i1 %more, iN %all, iN %min
  %select2_is = icmp eq iN %select2, MIN
  call void @labyrinth_prove(i1 %select2_is, ptr @"select of the second")
  %any = freeze iN undef
  %any_same = sub iN %any, %any
  %any_is = icmp eq iN %any_same, 0
  call void @labyrinth_prove(i1 %any_is, ptr @"freeze is one value")
  %any_zero = icmp eq iN %any, 0
  call void @labyrinth_prove(i1 %any_zero, ptr @"FAILS freeze of undef is 0")
  %any_one = freeze iN poison
  %any_one_is = icmp ne iN %any_one, 1
  call void @labyrinth_prove(i1 %any_one_is, ptr @"FAILS freeze of poison is not 1")
  %undef_is = icmp ne iN undef, MAX
  call void @labyrinth_prove(i1 %undef_is, ptr @"FAILS undef is not the largest")
  ret void
}
define void @proof() {
  call void @check(iN -1, iN MIN, i128 -170141183460469231731687303715884105728, i128 -1)
  %address = ptrtoint ptr @cell to i64
  %back = inttoptr i64 %address to ptr
  %same = icmp eq ptr %back, @cell
  call void @labyrinth_prove(i1 %same, ptr @"inttoptr undoes ptrtoint")
  %value = load i64, ptr %back
  %value_is = icmp eq i64 %value, 7
  call void @labyrinth_prove(i1 %value_is, ptr @"an address that was a number is one again")
  %low = ptrtoint ptr @cell to iN
  %wide = zext i64 %address to i128
  %low_too = trunc i128 %wide to iN
  %low_is = icmp eq iN %low, %low_too
  call void @labyrinth_prove(i1 %low_is, ptr @"ptrtoint to fewer bits")
  ret void
}
