// values_e = Σ_p x[row, p]·y[b, columns_e, p], e < counts[row]: the entries of x yᵀ at the places held, and no others.
// One place per invocation, in ascending order of p.
// requires place

struct Shape { count: u32, n: u32, m: u32, k: u32, capacity: u32, x_matrices: u32, y_matrices: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read> y: array<f32>;
@group(0) @binding(5) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let e = place(id, workgroups);
  if (e >= shape.count) { return; }
  let row = e / shape.capacity;
  if (e % shape.capacity >= counts[row]) { return; }
  let b = row / shape.n;
  let px = ((b % shape.x_matrices) * shape.n + row % shape.n) * shape.k;
  let py = ((b % shape.y_matrices) * shape.m + columns[e]) * shape.k;
  var sum = 0.0;
  for (var p = 0u; p < shape.k; p++) { sum += x[px + p] * y[py + p]; }
  values[e] = sum;
}
