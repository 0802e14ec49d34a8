// The mask of each row i: a_j = Softmax_j(factor·Σ_p q[b, i, p]·k[b, j, p]) over the m projected keys, dropped where not above `tau`;
// s_c = Σ_j a_j·w[j, c], entries of w dropped that are not above `limit` in magnitude; the columns of the `budget` largest s, zeros
// dropped: columns[row·capacity + e], e < counts[row], ascending.
// Version 2, for GPUs: a row per workgroup, which keeps a, the j of those held, and s in rows of its own in `coefficients`, `places` and `values`. A key an invocation
// for the logits, summed as in `row-product.wgsl`, the softmax as in `row-exponentials.wgsl`; every size-th column an invocation for s, summed over j in ascending
// order. What is above a limit or among the largest is decided on bits.
// requires row-product
// requires row-exponentials
// requires keep-cut

struct Shape {
  rows: u32, nq: u32, d: u32, m: u32, n: u32, q_matrices: u32, k_matrices: u32, budget: u32, capacity: u32,
  factor: f32, tau: u32, limit: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;
@group(0) @binding(2) var<storage, read> k: array<vec4f>;
@group(0) @binding(3) var<storage, read> w: array<u32>;
@group(0) @binding(4) var<storage, read_write> coefficients: array<f32>;
@group(0) @binding(5) var<storage, read_write> places: array<u32>;
@group(0) @binding(6) var<storage, read_write> values: array<u32>;
@group(0) @binding(7) var<storage, read_write> counts: array<u32>;
@group(0) @binding(8) var<storage, read_write> columns: array<u32>;

// where this row's s begins, and where its columns go
var<private> scored: u32;
var<private> out: u32;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let b = row / shape.nq;
  let pq = (b % shape.q_matrices * shape.nq + row % shape.nq) * shape.d;
  let keys = b % shape.k_matrices * shape.m;
  let first = row * shape.m;
  for (var j = local; j < shape.m; j += size) {
    coefficients[first + j] = rowProduct(pq, (keys + j) * shape.d, shape.d) * shape.factor;
  }
  storageBarrier();
  let held = coefficientsAbove(local, first);
  storageBarrier();

  scored = row * shape.n;
  for (var c = local; c < shape.n; c += size) {
    var s = 0.0;
    for (var e = first; e < first + held; e++) { s += coefficients[e] * basis(places[e] * shape.n + c); }
    values[scored + c] = bitcast<u32>(s);
  }
  storageBarrier();
  out = row * shape.capacity;
  let count = keepCut(local, row * shape.n, (row + 1u) * shape.n, shape.n, shape.budget);
  if (local == 0u) { counts[row] = count; }
}

// The softmax of the row's logits, of which those above τ are moved to the front of the row, in order: how many.
fn coefficientsAbove(local: u32, first: u32) -> u32 {
  let of_row = exponentialsOf(local, first, shape.m);
  let tau = ordered(shape.tau);
  var held = 0u;
  for (var start = 0u; start < shape.m; start += size) {
    let j = start + local;
    let a = exponential(coefficients[first + min(j, shape.m - 1u)] - of_row.most) / of_row.sum;
    let above = j < shape.m && ordered(bitcast<u32>(a)) > tau;
    let ranks = workgroupRanks(local, vec2<bool>(above, false));
    // all have read theirs before anything is moved
    storageBarrier();
    if (above) {
      coefficients[first + held + ranks.before.x] = a;
      places[first + held + ranks.before.x] = j;
    }
    held += ranks.all.x;
  }
  return held;
}

fn basis(at: u32) -> f32 {
  let bits = w[at];
  return select(0.0, bitcast<f32>(bits), ordered(bits & 0x7fffffffu) > ordered(shape.limit));
}

fn keep(e: u32, place: u32) {
  columns[out + place] = e - scored;
}

fn element(at: u32) -> f32 {
  return coefficients[at];
}
