// y_i = x_i − max x − log Σ_j exp(x_j − max x) over each row of n.
// Version 2, for GPUs: a workgroup per row, in three sweeps and with sums as in `softmax-workgroup.wgsl`.
// requires workgroup-reduce
// requires row-fours
// requires exponentials
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
  var most4 = vec4f(x[start]);
  for (var i = local; i < shape.n; i += 4u * size) { most4 = max(most4, four(start, i)); }
  let most = workgroupMax(local, max(max(most4.x, most4.y), max(most4.z, most4.w)));
  var sums = vec4f();
  for (var i = local; i < shape.n; i += 4u * size) {
    sums += exponentials(four(start, i) - most) * there(i, shape.n);
  }
  let logSum = logarithm(workgroupSum4(local, sums));
  for (var i = local; i < shape.n; i += size) { y[start + i] = (x[start + i] - most) - logSum; }
}

// Beyond the end the last element again.
fn four(start: u32, i: u32) -> vec4f {
  let at = start + min(fourAt(i), vec4u(shape.n - 1u));
  return vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
}
