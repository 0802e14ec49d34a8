// The columns and values of each row of x [rows, m] that are held, in ascending order, and how many:
// columns[row·m + e], values[row·m + e], e < counts[row]. Held, by `rule`: 0 what is not zero, 1 what is above the limit, 2
// what is above it in magnitude. One row per invocation; compared by bits, so that a subnormal is not zero.
// requires place
// requires ordered

override rule: u32 = 0u;

struct Shape { rows: u32, m: u32, limit: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;
@group(0) @binding(3) var<storage, read_write> columns: array<u32>;
@group(0) @binding(4) var<storage, read_write> values: array<u32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let row = place(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.m;
  let limit = ordered(shape.limit);
  var count = 0u;
  for (var column = 0u; column < shape.m; column++) {
    let bits = x[start + column];
    var held = (bits & 0x7fffffffu) != 0u;
    if (rule == 1u) { held = ordered(bits) > limit; }
    if (rule == 2u) { held = ordered(bits & 0x7fffffffu) > limit; }
    if (!held) { continue; }
    columns[start + count] = column;
    values[start + count] = bits;
    count++;
  }
  counts[row] = count;
}
