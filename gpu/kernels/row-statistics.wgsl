// statistics[2·row] = μ, statistics[2·row + 1] = 1/√(σ² + eps) of each row of n, σ² biased, in two passes: first μ, then Σ(x_i − μ)².
// One row per invocation, sums in ascending order.
// requires place

struct Shape { rows: u32, n: u32, eps: f32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> statistics: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let row = place(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.n;
  var sum = 0.0;
  for (var i = 0u; i < shape.n; i++) { sum += x[start + i]; }
  let mu = sum / f32(shape.n);
  var squares = 0.0;
  for (var i = 0u; i < shape.n; i++) {
    let d = x[start + i] - mu;
    squares += d * d;
  }
  statistics[2u * row] = mu;
  statistics[2u * row + 1u] = inverseSqrt(squares / f32(shape.n) + shape.eps);
}
