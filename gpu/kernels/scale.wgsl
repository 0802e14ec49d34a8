// y = factor·x, one element per invocation, one rounding.
// requires place

struct Shape { count: u32, factor: f32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = place(id, workgroups);
  if (i >= shape.count) { return; }
  y[i] = x[i] * shape.factor;
}
