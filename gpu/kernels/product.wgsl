// z[b, i, j] = Σ_p x[b, i, p]·y[b, p, j], or y[b, j, p] where `transposed`, plus bias[j] where `biased`.
// Version 1, any sizes: one element per invocation, in ascending order of p, the bias last. Matrix b of an operand of fewer
// matrices than there are results is its matrix b modulo their number.
// requires place

override transposed: bool = false;

struct Shape { count: u32, n: u32, k: u32, m: u32, x_matrices: u32, y_matrices: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let out = place(id, workgroups);
  if (out >= shape.count) { return; }
  let j = out % shape.m;
  let i = out / shape.m % shape.n;
  let b = out / shape.m / shape.n;
  var px = ((b % shape.x_matrices) * shape.n + i) * shape.k;
  var py = (b % shape.y_matrices) * shape.k * shape.m + select(j, j * shape.k, transposed);
  let step = select(shape.m, 1u, transposed);
  var sum = 0.0;
  for (var p = 0u; p < shape.k; p++) {
    sum += x[px] * y[py];
    px++;
    py += step;
  }
  if (shape.biased == 1u) { sum += bias[j]; }
  z[out] = sum;
}
