// Which of a row's entries are among its `budget` largest, the zeros not held taking part: `values[start]` … `values[end − 1]`, bits of
// floats that the kernel binds, of a row of m. All positives are kept, or their w largest; negatives only where zeros leave
// room. The w-th largest is found by bisecting the order of floats, 31 counts over the row at most; no order of the row is made.
// requires ordered

// Kept is what is above `least`, and of what equals it the first `equals`; zeros are not.
struct Cut { least: i32, equals: u32 }

fn cutOf(start: u32, end: u32, m: u32, budget: u32) -> Cut {
  let positives = countFrom(start, end, 1);
  let negatives = (end - start) - countFrom(start, end, 0);
  let zeros = m - positives - negatives;
  if (positives > budget) {
    let least = largest(start, end, budget, 1, 0x7f800000);
    return Cut(least, budget - countFrom(start, end, least + 1));
  }
  if (budget > positives + zeros) {
    let wanted = min(budget - zeros, positives + negatives);
    let least = largestOfHeld(start, end, wanted);
    return Cut(least, wanted - countHeldFrom(start, end, least + 1));
  }
  return Cut(0, 0u);
}

// How many held entries have at least this place in the order.
fn countFrom(start: u32, end: u32, bound: i32) -> u32 {
  var count = 0u;
  for (var e = start; e < end; e++) { count += select(0u, 1u, ordered(values[e]) >= bound); }
  return count;
}

// The same without the zeros among them.
fn countHeldFrom(start: u32, end: u32, bound: i32) -> u32 {
  var count = 0u;
  for (var e = start; e < end; e++) {
    let key = ordered(values[e]);
    count += select(0u, 1u, key >= bound && key != 0);
  }
  return count;
}

// The `wanted`-th largest place, or one below it and above the next, between `low` and `high`, which it is known to lie in. None wanted: above all.
fn largest(start: u32, end: u32, wanted: u32, low: i32, high: i32) -> i32 {
  if (wanted == 0u) { return high; }
  var at_least = low;
  var at_most = high;
  while (at_least < at_most) {
    let middle = at_most - (at_most - at_least) / 2;
    let count = countFrom(start, end, middle);
    if (count == wanted) { return middle; }
    if (count > wanted) { at_least = middle; } else { at_most = middle - 1; }
  }
  return at_least;
}

// The same among what is not zero, from the most negative number on.
fn largestOfHeld(start: u32, end: u32, wanted: u32) -> i32 {
  var at_least = -0x7f800000;
  var at_most = 0;
  while (at_least < at_most) {
    let middle = at_most - (at_most - at_least) / 2;
    let count = countHeldFrom(start, end, middle);
    if (count == wanted) { return middle; }
    if (count > wanted) { at_least = middle; } else { at_most = middle - 1; }
  }
  return at_least;
}
