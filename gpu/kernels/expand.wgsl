// y[row, columns_e] = values_e, e < counts[row], 0 where nothing is held: rows of at most `capacity` entries as whole rows of m.
// Where `marks`, 1 instead of the value. One row per invocation, copied as bits.
// requires place

override marks: bool = false;

struct Shape { rows: u32, m: u32, capacity: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> values: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let row = place(id, workgroups);
  if (row >= shape.rows) { return; }
  for (var column = 0u; column < shape.m; column++) { y[row * shape.m + column] = 0u; }
  let start = row * shape.capacity;
  for (var e = start; e < start + counts[row]; e++) {
    if (marks) { y[row * shape.m + columns[e]] = 1u; } else { y[row * shape.m + columns[e]] = values[e]; }
  }
}
