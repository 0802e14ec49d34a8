// The columns of the `budget` largest of each row of m, which holds `values` at `columns`, counts[row] of them; zeros not held take
// part, and the lower column comes first among equals. Of these, zeros are dropped: kept_columns[row·kept_capacity + e],
// e < kept_counts[row], in ascending order.
// Version 2, for GPUs: a workgroup per row, which counts together.
// requires keep-cut

struct Shape { rows: u32, m: u32, capacity: u32, budget: u32, kept_capacity: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> values: array<u32>;
@group(0) @binding(4) var<storage, read_write> kept_counts: array<u32>;
@group(0) @binding(5) var<storage, read_write> kept_columns: array<u32>;

// where this row's columns go
var<private> out: u32;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.capacity;
  out = row * shape.kept_capacity;
  let count = keepCut(local, start, start + counts[row], shape.m, shape.budget);
  if (local == 0u) { kept_counts[row] = count; }
}

fn keep(e: u32, place: u32) {
  kept_columns[out + place] = columns[e];
}
