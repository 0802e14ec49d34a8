// z[b, i, j] = Σ_e x_e·y[b, columns_e, j] over the counts[row] entries that row i of x holds.
// One element per invocation, in ascending order of the columns.
// requires place

struct Shape { count: u32, n: u32, m: u32, d: u32, capacity: u32, x_matrices: u32, y_matrices: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let out = place(id, workgroups);
  if (out >= shape.count) { return; }
  let j = out % shape.d;
  let i = out / shape.d % shape.n;
  let b = out / shape.d / shape.n;
  let row = (b % shape.x_matrices) * shape.n + i;
  let start = row * shape.capacity;
  let py = (b % shape.y_matrices) * shape.m;
  var sum = 0.0;
  for (var e = start; e < start + counts[row]; e++) {
    sum += x[e] * y[(py + columns[e]) * shape.d + j];
  }
  z[out] = sum;
}
