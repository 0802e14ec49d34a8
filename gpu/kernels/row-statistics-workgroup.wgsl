// statistics[2·row] = μ, statistics[2·row + 1] = 1/√(σ² + eps) of each row of n of x, σ² biased: the norm of a row for whoever normalises it on the fly.
// A workgroup per row, as in `row-moments.wgsl`.
// requires row-moments

struct Shape { rows: u32, n: u32, eps: f32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> statistics: array<f32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let moments = momentsOf(local, row * shape.n, shape.n, shape.eps);
  if (local == 0u) {
    statistics[2u * row] = moments.x;
    statistics[2u * row + 1u] = moments.y;
  }
}

fn element(at: u32) -> f32 {
  return x[at];
}
