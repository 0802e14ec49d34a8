// z[b, i, :] = Σ_p x[b, i, p]·y[b, p, :] over the held entries of both, whole rows of z. A row of x holds x_counts entries, x_values
// at x_columns; rows of y likewise: y_counts, y_values, y_columns.
// After Gustavson, as in `sparse-product.wgsl`, with the same sums in the same order.
// Version 2, for GPUs: a workgroup per row of x. The rows of y that it names are added up in ascending order of p, one after the other, the entries of one by
// all invocations: they are of different columns, so no two add to the same.
// requires workgroup-place

struct Shape {
  rows: u32, n: u32, k: u32, m: u32,
  x_matrices: u32, y_matrices: u32, x_capacity: u32, y_capacity: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x_counts: array<u32>;
@group(0) @binding(2) var<storage, read> x_columns: array<u32>;
@group(0) @binding(3) var<storage, read> x_values: array<f32>;
@group(0) @binding(4) var<storage, read> y_counts: array<u32>;
@group(0) @binding(5) var<storage, read> y_columns: array<u32>;
@group(0) @binding(6) var<storage, read> y_values: array<f32>;
@group(0) @binding(7) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let b = row / shape.n;
  let x_row = (b % shape.x_matrices) * shape.n + row % shape.n;
  let y_first = (b % shape.y_matrices) * shape.k;
  let out = row * shape.m;
  for (var j = local; j < shape.m; j += size) { z[out + j] = 0.0; }
  for (var e = 0u; e < x_counts[x_row]; e++) {
    // what others have added of the row before
    storageBarrier();
    let factor = x_values[x_row * shape.x_capacity + e];
    let y_row = y_first + x_columns[x_row * shape.x_capacity + e];
    let start = y_row * shape.y_capacity;
    for (var f = start + local; f < start + y_counts[y_row]; f += size) {
      z[out + y_columns[f]] += factor * y_values[f];
    }
  }
}
