// y_i = x_i − max x − log Σ_j exp(x_j − max x) over each row of n.
// Version 2, for GPUs: a workgroup per row, in three sweeps as in `softmax-workgroup.wgsl`.
// requires row-exponentials
// requires logarithm

struct Shape { rows: u32, n: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.n;
  let of_row = exponentialsOf(local, start, shape.n);
  let logSum = logarithm(of_row.sum);
  for (var i = local; i < shape.n; i += size) { y[start + i] = (x[start + i] - of_row.most) - logSum; }
}

fn element(at: u32) -> f32 {
  return x[at];
}
