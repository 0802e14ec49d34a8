// z[b, i, :] = Σ_e exp(s_ij − max s_i)·v[b, j, :] / Σ exp(s_i − max s_i), j = columns[row, e], over the counts[row] entries that row i of the mask holds; s_ij = factor·Σ_p q[b, i, p]·k[b, j, p].
// The maximum and the sum below the line are over the same entries, or where `whole` over all m keys. Rows that hold nothing are zeros. dv ≤ 64.
// Version 2, for GPUs: a row per workgroup of 64. 64 entries at a time, one per invocation: its score and its weight, which go to workgroup memory with the
// entry's column; then their values are added, four at once, by 16 invocations each, which have four columns of z: they read whole rows of v in order.
// Online softmax: what was summed under a smaller maximum is scaled down when a larger one comes, and the division is the last step; where `whole`, maximum and
// sum are known before. Order: every fourth entry in ascending order, then the four; sums below the line by a tree. `size` must be 64.
// requires workgroup-place
// requires workgroup-reduce
// requires row-product
// requires exponential

override whole: bool = false;
// Where rows of v are whole vectors of four, they are read as such.
override dv_fours: bool = false;

struct Shape {
  rows: u32, n: u32, m: u32, d: u32, dv: u32, capacity: u32,
  mask_matrices: u32, q_matrices: u32, k_matrices: u32, v_matrices: u32, factor: f32,
}

const ENTRIES = 64u;
// vectors of a row of z, and how many entries are added at once
const FOURS = 16u;
const AT_ONCE = ENTRIES / FOURS;
// no score is below the lowest number there is
const LOWEST = -0x1.fffffep+127f;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> q: array<vec4f>;
@group(0) @binding(4) var<storage, read> k: array<vec4f>;
@group(0) @binding(5) var<storage, read> v: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> z: array<f32>;

var<workgroup> weights: array<f32, ENTRIES>;
var<workgroup> places: array<u32, ENTRIES>;
var<workgroup> parts: array<vec4f, ENTRIES>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let place = workgroupPlace(id, workgroups);
  if (place >= shape.rows) { return; }
  let i = place % shape.n;
  let b = place / shape.n;
  let row = b % shape.mask_matrices * shape.n + i;
  let held = counts[row];
  let out = place * shape.dv;
  if (held == 0u) {
    for (var c = local; c < shape.dv; c += size) { z[out + c] = 0.0; }
    return;
  }
  let start = row * shape.capacity;
  let pq = (b % shape.q_matrices * shape.n + i) * shape.d;
  let keys = b % shape.k_matrices * shape.m;
  let values = b % shape.v_matrices * shape.m;
  // which of the entries added at once, and which columns of z
  let which = local / FOURS;
  let four = 4u * (local % FOURS);

  var most = LOWEST;
  var total = 0.0;
  if (whole) {
    for (var j = local; j < shape.m; j += size) {
      let s = rowProduct(pq, (keys + j) * shape.d, shape.d) * shape.factor;
      let larger = max(most, s);
      total = total * exponential(most - larger) + exponential(s - larger);
      most = larger;
    }
    let largest = workgroupMax(local, most);
    total = workgroupSum(local, total * exponential(most - largest));
    most = largest;
  }
  var sums = vec4f();
  for (var first = 0u; first < held; first += ENTRIES) {
    // beyond the end the last entry again, which weighs 0
    let column = columns[start + min(first + local, held - 1u)];
    let s = rowProduct(pq, (keys + column) * shape.d, shape.d) * shape.factor;
    if (!whole) {
      let larger = max(most, workgroupMax(local, s));
      let rescale = exponential(most - larger);
      total *= rescale;
      sums *= rescale;
      most = larger;
    }
    let weight = select(0.0, exponential(s - most), first + local < held);
    if (!whole) { total += weight; }
    weights[local] = weight;
    places[local] = column;
    workgroupBarrier();
    for (var e = which; e < min(ENTRIES, held - first); e += AT_ONCE) {
      sums += weights[e] * value((values + places[e]) * shape.dv, four);
    }
    workgroupBarrier();
  }
  if (!whole) { total = workgroupSum(local, total); }
  parts[local] = sums;
  workgroupBarrier();
  if (which > 0u) { return; }
  let all = (parts[local] + parts[local + FOURS]) + (parts[local + 2u * FOURS] + parts[local + 3u * FOURS]);
  for (var c = 0u; c < 4u; c++) {
    if (four + c < shape.dv) { z[out + four + c] = all[c] / total; }
  }
}

fn value(start: u32, c: u32) -> vec4f {
  if (dv_fours) { return select(vec4f(), v[(start + c) / 4u], c < shape.dv); }
  let at = start + vec4u(c, c + 1u, c + 2u, c + 3u);
  let four = vec4f(v[at.x / 4u][at.x % 4u], v[at.y / 4u][at.y % 4u], v[at.z / 4u][at.z % 4u], v[at.w / 4u][at.w % 4u]);
  return select(vec4f(), four, vec4u(c, c + 1u, c + 2u, c + 3u) < vec4u(shape.dv));
}
