// y[row, columns_e] = values_e, e < counts[row], 0 where nothing is held: rows of at most `capacity` entries as whole rows of m.
// Where `marks`, 1 instead of the value. Copied as bits.
// Version 2, for GPUs: a workgroup per row, which is cleared first.
// requires workgroup-place

override marks: bool = false;

struct Shape { rows: u32, m: u32, capacity: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> values: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let out = row * shape.m;
  for (var column = local; column < shape.m; column += size) { y[out + column] = 0u; }
  storageBarrier();
  let start = row * shape.capacity;
  for (var e = start + local; e < start + counts[row]; e += size) {
    if (marks) { y[out + columns[e]] = 1u; } else { y[out + columns[e]] = values[e]; }
  }
}
