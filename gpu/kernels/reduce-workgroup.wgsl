// y[r] = Σ x[r·n .. min((r + 1)·n, total)] / divisor: sums and means of rows, and partial sums of everything.
// Version 2, for GPUs: a workgroup per row. Sums: of every fourth of an invocation's elements in ascending order, then of four, then a tree over invocations.
// requires workgroup-reduce
// requires row-fours

struct Shape { rows: u32, n: u32, total: u32, divisor: f32 }

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
  let n = min(shape.n, shape.total - start);
  var sums = vec4f();
  for (var i = local; i < n; i += 4u * size) { sums += four(start, i, n) * there(i, n); }
  let sum = workgroupSum4(local, sums);
  if (local == 0u) { y[row] = sum / shape.divisor; }
}

fn element(at: u32) -> f32 {
  return x[at];
}
