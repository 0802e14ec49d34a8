// y_i = (x_i − μ)/√(σ² + eps)·weight_i + bias_i over each row of n, σ² biased.
// Version 2, for GPUs: a workgroup per row, μ and σ² as in `row-moments.wgsl`; of the three sweeps the second and third find the row in the cache.
// requires row-moments

struct Shape { rows: u32, n: u32, eps: f32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.n;
  let moments = momentsOf(local, start, shape.n, shape.eps);
  for (var i = local; i < shape.n; i += size) {
    y[start + i] = (x[start + i] - moments.x) * moments.y * weight[i] + bias[i];
  }
}

fn element(at: u32) -> f32 {
  return x[at];
}
