// y_i = exp(x_i − max x)/Σ_j exp(x_j − max x) over each row of n.
// One row per invocation: no barriers, which are dear where there is no GPU. The sum in ascending order.
// requires place
// requires exponential

struct Shape { rows: u32, n: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let row = place(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.n;
  let end = start + shape.n;
  var most = x[start];
  for (var i = start + 1u; i < end; i++) { most = max(most, x[i]); }
  var sum = 0.0;
  for (var i = start; i < end; i++) {
    let power = exponential(x[i] - most);
    y[i] = power;
    sum += power;
  }
  for (var i = start; i < end; i++) { y[i] = y[i] / sum; }
}
