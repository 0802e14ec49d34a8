// values_e = x[row, columns_e], e < counts[row]: what whole rows of m have at the places held. One place per invocation, copied as bits.
// requires place

struct Shape { count: u32, m: u32, capacity: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> x: array<u32>;
@group(0) @binding(4) var<storage, read_write> values: array<u32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let e = place(id, workgroups);
  if (e >= shape.count) { return; }
  let row = e / shape.capacity;
  if (e % shape.capacity >= counts[row]) { return; }
  values[e] = x[row * shape.m + columns[e]];
}
