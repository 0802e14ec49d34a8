// The columns of the `budget` largest of each row of m, which holds `values` at `columns`, counts[row] of them; zeros not held take
// part, and the lower column comes first among equals. Of these, zeros are dropped: kept_columns[row·kept_capacity + e],
// e < kept_counts[row], in ascending order.
// One row per invocation.
// requires place
// requires ordered
// requires cut
// requires count-row

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
  let cut = cutOf(start, end, shape.m, shape.budget);
  var equals = cut.equals;
  var count = 0u;
  for (var e = start; e < end; e++) {
    let key = ordered(values[e]);
    if (key == 0) { continue; }
    if (key == cut.least && equals > 0u) { equals--; } else if (key <= cut.least) { continue; }
    kept_columns[row * shape.kept_capacity + count] = columns[e];
    count++;
  }
  kept_counts[row] = count;
}
