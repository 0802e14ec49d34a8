// y_i = exp(x_i − max x)/Σ_j exp(x_j − max x) over each row of n.
// Version 2, for GPUs: a workgroup per row, which a GPU reads in order where one invocation per row would have it read a column. In three sweeps, of which the
// second and third find the row in the cache: the largest, the sum, the result; the power is computed twice, since that costs less than
// writing it and reading it again. Sums as in `row-exponentials.wgsl`.
// requires row-exponentials

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
  for (var i = local; i < shape.n; i += 4u * size) {
    let share = exponentials(four(start, i, shape.n) - of_row.most) / of_row.sum;
    let at = fourAt(i);
    for (var c = 0u; c < 4u; c++) {
      if (at[c] < shape.n) { y[start + at[c]] = share[c]; }
    }
  }
}

fn element(at: u32) -> f32 {
  return x[at];
}
