// Which of a row's entries are among its `budget` largest, the zeros not held taking part: entries `start` … `end − 1` of a row of m. The budget-th largest is
// found by bisecting the order of floats (`ordered.wgsl`), 32 counts over the row at most; no order of the row is made.
// Whoever requires this says how many of those entries have at least a certain place in that order: countFrom(start, end, bound).

// Kept is what is above `least`, and of what equals it the first `equals`; zeros are not.
struct Cut { least: i32, equals: u32 }

// The places of −∞ and ∞.
const LOWEST_PLACE = -0x7f800000;
const HIGHEST_PLACE = 0x7f800000;

fn cutOf(start: u32, end: u32, m: u32, budget: u32) -> Cut {
  // the place is between these; and so many are above the higher
  var at_least = LOWEST_PLACE;
  var at_most = HIGHEST_PLACE;
  var above = 0u;
  while (at_least < at_most) {
    // half of a difference that may take 32 bits, upwards
    let middle = at_most - i32((bitcast<u32>(at_most) - bitcast<u32>(at_least)) / 2u);
    let count = countFrom(start, end, middle) + select(0u, m - (end - start), middle <= 0);
    if (count == budget) { return Cut(middle, count); }
    if (count > budget) {
      at_least = middle;
    } else {
      at_most = middle - 1;
      above = count;
    }
  }
  return Cut(at_least, budget - above);
}
