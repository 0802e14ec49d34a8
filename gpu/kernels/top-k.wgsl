// The columns of the `budget` largest of each row of m, zeros not held taking part, the lower column first among equals; of
// these, zeros are dropped. columns[row·kept_capacity + e], e < kept_counts[row], in ascending order.
// One row per invocation. All positives are kept, or their w largest; negatives only where zeros leave room. The w-th largest
// is found by bisecting the order of floats, 31 counts over the row; no order of the row is made.
// requires place
// requires ordered

struct Shape { rows: u32, m: u32, capacity: u32, budget: u32, kept_capacity: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> values: array<u32>;
@group(0) @binding(4) var<storage, read_write> kept_counts: array<u32>;
@group(0) @binding(5) var<storage, read_write> kept_columns: array<u32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let row = place(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.capacity;
  let end = start + counts[row];
  let positives = countFrom(start, end, 1);
  let negatives = (end - start) - countFrom(start, end, 0);
  let zeros = shape.m - positives - negatives;

  // kept is what is above `least`, and of what equals it the first `equals`
  var least = 0;
  var equals = 0u;
  if (positives > shape.budget) {
    least = largest(start, end, shape.budget, 1, 0x7f800000);
    equals = shape.budget - countFrom(start, end, least + 1);
  } else if (shape.budget > positives + zeros) {
    let wanted = min(shape.budget - zeros, positives + negatives);
    least = largestOfHeld(start, end, wanted);
    equals = wanted - countHeldFrom(start, end, least + 1);
  }
  var count = 0u;
  for (var e = start; e < end; e++) {
    let key = ordered(values[e]);
    if (key == 0) { continue; }
    if (key == least && equals > 0u) { equals--; } else if (key <= least) { continue; }
    kept_columns[row * shape.kept_capacity + count] = columns[e];
    count++;
  }
  kept_counts[row] = count;
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

// The `wanted`-th largest place, between `low` and `high`, which it is known to lie in. None wanted: above all.
fn largest(start: u32, end: u32, wanted: u32, low: i32, high: i32) -> i32 {
  if (wanted == 0u) { return high; }
  var at_least = low;
  var at_most = high;
  while (at_least < at_most) {
    let middle = at_most - (at_most - at_least) / 2;
    if (countFrom(start, end, middle) >= wanted) { at_least = middle; } else { at_most = middle - 1; }
  }
  return at_least;
}

// The same among what is not zero, from the most negative number on.
fn largestOfHeld(start: u32, end: u32, wanted: u32) -> i32 {
  var at_least = -0x7f800000;
  var at_most = 0;
  while (at_least < at_most) {
    let middle = at_most - (at_most - at_least) / 2;
    if (countHeldFrom(start, end, middle) >= wanted) { at_least = middle; } else { at_most = middle - 1; }
  }
  return at_least;
}
