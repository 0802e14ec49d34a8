// values_e = Σ_p q[row, p]·k[b, columns_e, p], e < counts[row]: the entries of q kᵀ at the places held, and no others.
// Version 2, for GPUs: still one place per invocation, but four terms at a time, since neighbouring invocations read rows of k that lie apart. Sums as in
// `row-product.wgsl`.
// requires place
// requires row-product

struct Shape { count: u32, n: u32, m: u32, d: u32, capacity: u32, q_matrices: u32, k_matrices: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> q: array<vec4f>;
@group(0) @binding(4) var<storage, read> k: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let e = place(id, workgroups);
  if (e >= shape.count) { return; }
  let row = e / shape.capacity;
  if (e % shape.capacity >= counts[row]) { return; }
  let b = row / shape.n;
  let pq = ((b % shape.q_matrices) * shape.n + row % shape.n) * shape.d;
  let pk = ((b % shape.k_matrices) * shape.m + columns[e]) * shape.d;
  values[e] = rowProduct(pq, pk, shape.d);
}
