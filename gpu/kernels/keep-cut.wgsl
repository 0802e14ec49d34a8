// The entries of a row above a cut, by a workgroup, a chunk of as many entries as invocations at a time: how many there are. Of what equals the cut the first so
// many, whatever the order in which invocations come by.
// Whoever requires this says where an entry goes: keep(e, place), of entries `start` … `end − 1` of `values` the place among those kept.
// requires cut
// requires count-row-workgroup
// requires workgroup-ranks

fn keepCut(local: u32, start: u32, end: u32, m: u32, budget: u32) -> u32 {
  invocation = local;
  let cut = cutOf(start, end, m, budget);
  var equals = 0u;
  var count = 0u;
  for (var first = start; first < end; first += size) {
    let e = first + local;
    let key = select(0, ordered(values[min(e, end - 1u)]), e < end);
    let above = key != 0 && key > cut.least;
    let equal = key != 0 && key == cut.least;
    let ranks = workgroupRanks(local, vec2<bool>(above, equal));
    // of the equals, as many as there is room for
    let before = min(equals + ranks.before.y, cut.equals) - min(equals, cut.equals);
    if (above || (equal && equals + ranks.before.y < cut.equals)) { keep(e, count + ranks.before.x + before); }
    let after = min(equals + ranks.all.y, cut.equals) - min(equals, cut.equals);
    count += ranks.all.x + after;
    equals += ranks.all.y;
  }
  return count;
}
