// z[b, i, :] = Σ_j exp(s_ij − max_j s_ij)·v[b, j, :] / Σ_j exp(s_ij − max_j s_ij), s_ij = factor·Σ_p q[b, i, p]·k[b, j, p].
// Version 2, for GPUs: 64 rows and up to 64 columns of z per workgroup of 64; wider z in parts, each with the scores anew. Scores of 64 keys at a time are a tile as in
// `register-tiles.wgsl`, 8 × 8 per invocation; their weights go to workgroup memory, where they are the other factor of the next tile, weights times values, whose sums
// stay in registers throughout: so both products read from workgroup memory as little as a product alone. No score is stored.
// Online softmax, 64 keys at a time: what was summed under a smaller maximum is scaled down when a larger one comes, and the division is the last step.
// Order: scores in ascending order of p, z in ascending order of j; sums of weights: each invocation of a row its keys, in the end the eight of a row.
// Rows beyond the end are the last one again and not written; keys beyond the end are the last one again and weigh 0. `size` must be 64.
// requires workgroup-place
// requires register-tiles
// requires exponentials

// Where rows are whole vectors of four, they are read as such.
override d_fours: bool = false;
override dv_fours: bool = false;

struct Shape {
  parts: u32, n: u32, m: u32, d: u32, dv: u32,
  q_matrices: u32, k_matrices: u32, v_matrices: u32, factor: f32,
}

const TILE = 64u;
// vectors of 64 rows, or columns
const FOURS = TILE / 4u;
// invocations that share a row
const BESIDE = 8u;
// from one key's weights to the next's: one more than there are, lest all lie in the same banks
const STEP = FOURS + 1u;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;
@group(0) @binding(2) var<storage, read> k: array<vec4f>;
@group(0) @binding(3) var<storage, read> v: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

// [key][four rows]
var<workgroup> weights: array<vec4f, TILE * STEP>;
// [four rows][invocation of the row]
var<workgroup> shared_rows: array<vec4f, FOURS * BESIDE>;
// where the matrices of this workgroup begin, counted in rows
var<private> q_first: u32;
var<private> k_first: u32;
var<private> v_first: u32;
var<private> z_first: u32;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let part = workgroupPlace(id, workgroups);
  if (part >= shape.parts) { return; }
  let beside = (shape.dv + TILE - 1u) / TILE;
  let below = (shape.n + TILE - 1u) / TILE;
  let column = part % beside * TILE;
  let i = part / beside % below * TILE;
  let b = part / beside / below;
  q_first = b % shape.q_matrices * shape.n;
  k_first = b % shape.k_matrices * shape.m;
  v_first = b % shape.v_matrices * shape.m;
  z_first = b * shape.n;
  // this invocation has rows 4y … 4y + 3 and 32 more, and columns or keys 4x … 4x + 3 and 32 more
  let x = local % BESIDE;
  let y = local / BESIDE;

  // of the first and of the second four rows
  var most0 = vec4f();
  var most1 = vec4f();
  var total0 = vec4f();
  var total1 = vec4f();
  var sums = Tile();
  for (var first = 0u; first < shape.m; first += TILE) {
    let s = tileOf(local, i, first, shape.d);
    let s00 = s.z00 * shape.factor;
    let s01 = s.z01 * shape.factor;
    let s10 = s.z10 * shape.factor;
    let s11 = s.z11 * shape.factor;
    let larger0 = rowMax(local, y, largest(s00, s01));
    let larger1 = rowMax(local, y + BESIDE, largest(s10, s11));
    // the first maximum is the first scores' own, however low they are
    let next0 = select(max(most0, larger0), larger0, first == 0u);
    let next1 = select(max(most1, larger1), larger1, first == 0u);
    let rescale0 = select(exponentials(most0 - next0), vec4f(1.0), first == 0u);
    let rescale1 = select(exponentials(most1 - next1), vec4f(1.0), first == 0u);
    most0 = next0;
    most1 = next1;

    let key = first + 4u * x + vec4u(0u, 1u, 2u, 3u);
    let there0 = select(vec4f(), vec4f(1.0), key < vec4u(shape.m));
    let there1 = select(vec4f(), vec4f(1.0), key + TILE / 2u < vec4u(shape.m));
    let w00 = weighed(s00, most0, there0);
    let w01 = weighed(s01, most0, there1);
    let w10 = weighed(s10, most1, there0);
    let w11 = weighed(s11, most1, there1);
    total0 = total0 * rescale0 + vec4f(1.0) * w00 + vec4f(1.0) * w01;
    total1 = total1 * rescale1 + vec4f(1.0) * w10 + vec4f(1.0) * w11;
    share(w00, 4u * x, y);
    share(w01, 4u * x + TILE / 2u, y);
    share(w10, 4u * x, y + BESIDE);
    share(w11, 4u * x + TILE / 2u, y + BESIDE);
    sums = Tile(
      rescaled(sums.z00, rescale0), rescaled(sums.z01, rescale0), rescaled(sums.z10, rescale1), rescaled(sums.z11, rescale1),
    );

    for (var slab = 0u; slab < min(TILE, shape.m - first); slab += SLAB) {
      for (var at = local; at < SLAB * FOURS; at += size) {
        ys[at] = value(first + slab + at / FOURS, column + at % FOURS * 4u);
      }
      workgroupBarrier();
      for (var e = 0u; e < SLAB; e++) {
        let w0 = weights[(slab + e) * STEP + y];
        let w1 = weights[(slab + e) * STEP + y + BESIDE];
        let v0 = ys[e * FOURS + x];
        let v1 = ys[e * FOURS + x + BESIDE];
        sums.z00 = added(sums.z00, w0, v0);
        sums.z01 = added(sums.z01, w0, v1);
        sums.z10 = added(sums.z10, w1, v0);
        sums.z11 = added(sums.z11, w1, v1);
      }
      workgroupBarrier();
    }
  }
  let share0 = vec4f(1.0) / rowSum(local, y, total0);
  let share1 = vec4f(1.0) / rowSum(local, y + BESIDE, total1);
  storeTile(
    Tile(rescaled(sums.z00, share0), rescaled(sums.z01, share0), rescaled(sums.z10, share1), rescaled(sums.z11, share1)),
    local, i, column,
  );
}

// Of each of four rows the largest of eight.
fn largest(s: mat4x4f, t: mat4x4f) -> vec4f {
  let columns = transpose(s);
  let others = transpose(t);
  return max(
    max(max(columns[0], columns[1]), max(columns[2], columns[3])),
    max(max(others[0], others[1]), max(others[2], others[3])),
  );
}

// Of four rows the largest, or the sum in order, of what their eight invocations have.
fn rowMax(local: u32, four: u32, value: vec4f) -> vec4f {
  shared_rows[four * BESIDE + local % BESIDE] = value;
  workgroupBarrier();
  var most = shared_rows[four * BESIDE];
  for (var e = 1u; e < BESIDE; e++) { most = max(most, shared_rows[four * BESIDE + e]); }
  return most;
}

fn rowSum(local: u32, four: u32, value: vec4f) -> vec4f {
  shared_rows[four * BESIDE + local % BESIDE] = value;
  workgroupBarrier();
  var sum = vec4f();
  for (var e = 0u; e < BESIDE; e++) { sum += shared_rows[four * BESIDE + e]; }
  return sum;
}

// The weights of four rows under their largest scores.
fn weighed(s: mat4x4f, most: vec4f, there: vec4f) -> mat4x4f {
  return mat4x4f(
    exponentials(s[0] - most.x) * there, exponentials(s[1] - most.y) * there,
    exponentials(s[2] - most.z) * there, exponentials(s[3] - most.w) * there,
  );
}

// Has all have four rows' weights of four keys.
fn share(w: mat4x4f, key: u32, four: u32) {
  let keys = transpose(w);
  weights[key * STEP + four] = keys[0];
  weights[(key + 1u) * STEP + four] = keys[1];
  weights[(key + 2u) * STEP + four] = keys[2];
  weights[(key + 3u) * STEP + four] = keys[3];
}

fn rescaled(sums: mat4x4f, by: vec4f) -> mat4x4f {
  return mat4x4f(sums[0] * by.x, sums[1] * by.y, sums[2] * by.z, sums[3] * by.w);
}

// Columns p … p + 3 of row i of q.
fn left(i: u32, p: u32) -> vec4f {
  let at = (q_first + min(i, shape.n - 1u)) * shape.d + p;
  if (d_fours) { return select(vec4f(), q[at / 4u], p < shape.d); }
  let four = vec4f(qAt(at), qAt(at + 1u), qAt(at + 2u), qAt(at + 3u));
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.d));
}

// Columns p … p + 3 of row j of k.
fn right(p: u32, j: u32) -> vec4f {
  let at = (k_first + min(j, shape.m - 1u)) * shape.d + p;
  if (d_fours) { return select(vec4f(), k[at / 4u], p < shape.d); }
  let four = vec4f(kAt(at), kAt(at + 1u), kAt(at + 2u), kAt(at + 3u));
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.d));
}

// Columns c … c + 3 of row j of v, 0 beyond the end.
fn value(j: u32, c: u32) -> vec4f {
  let at = (v_first + min(j, shape.m - 1u)) * shape.dv + c;
  if (dv_fours) { return select(vec4f(), v[at / 4u], j < shape.m && c < shape.dv); }
  let four = vec4f(vAt(at), vAt(at + 1u), vAt(at + 2u), vAt(at + 3u));
  return select(vec4f(), four, vec4u(c, c + 1u, c + 2u, c + 3u) < select(vec4u(), vec4u(shape.dv), j < shape.m));
}

fn qAt(at: u32) -> f32 {
  return q[at / 4u][at % 4u];
}

fn kAt(at: u32) -> f32 {
  return k[at / 4u][at % 4u];
}

fn vAt(at: u32) -> f32 {
  return v[at / 4u][at % 4u];
}

fn store(value: vec4f, i: u32, c: u32) {
  if (i >= shape.n || c >= shape.dv) { return; }
  for (var e = 0u; e < min(4u, shape.dv - c); e++) { z[(z_first + i) * shape.dv + c + e] = value[e]; }
}
