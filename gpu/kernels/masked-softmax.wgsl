// y_e = exp(x_e − max x)/Σ_f exp(x_f − max x) over the counts[row] entries that a row holds. A row that holds none stays so.
// One row per invocation, the sum in ascending order.
// requires place
// requires exponential

struct Shape { rows: u32, capacity: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let row = place(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.capacity;
  let end = start + counts[row];
  var most = x[start];
  for (var e = start; e < end; e++) { most = max(most, x[e]); }
  var sum = 0.0;
  for (var e = start; e < end; e++) {
    let power = exponential(x[e] - most);
    y[e] = power;
    sum += power;
  }
  for (var e = start; e < end; e++) { y[e] = y[e] / sum; }
}
