// y_e = exp(x_e − max x)/Σ_f exp(x_f − max x) over the counts[row] entries that a row holds. A row that holds none stays so.
// Version 2, for GPUs: a workgroup per row, in three sweeps as in `softmax-workgroup.wgsl`.
// requires row-exponentials

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
  let of_row = exponentialsOf(local, start, held);
  for (var e = local; e < held; e += size) {
    y[start + e] = exponential(x[start + e] - of_row.most) / of_row.sum;
  }
}

fn element(at: u32) -> f32 {
  return x[at];
}
