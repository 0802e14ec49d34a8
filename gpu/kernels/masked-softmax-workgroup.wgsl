// y_e = exp(x_e − max x)/Σ_f exp(x_f − max x) over the entries that a row holds. A row that holds none stays so.
// Version 2, for GPUs: a workgroup per row, in three sweeps and with sums as in `softmax-workgroup.wgsl`.
// requires workgroup-reduce
// requires row-fours
// requires exponentials

struct Shape { rows: u32, capacity: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.capacity;
  let held = counts[row];
  var most4 = vec4f(x[start]);
  for (var e = local; e < held; e += 4u * size) { most4 = max(most4, four(start, e, held)); }
  let most = workgroupMax(local, max(max(most4.x, most4.y), max(most4.z, most4.w)));
  var sums = vec4f();
  for (var e = local; e < held; e += 4u * size) {
    sums += exponentials(four(start, e, held) - most) * there(e, held);
  }
  let sum = workgroupSum4(local, sums);
  for (var e = local; e < held; e += size) {
    y[start + e] = exponential(x[start + e] - most) / sum;
  }
}

// Beyond what is held the last entry again.
fn four(start: u32, e: u32, held: u32) -> vec4f {
  let at = start + min(fourAt(e), vec4u(held - 1u));
  return vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
}
