// z[i, c] = Σ_j h[i, j]·w2[c, j] + b2[c], h[i, j] = GELU(Σ_p x̂[i, p]·w1[j, p] + b1[j]), biases where there are; x̂ = x, or where `normalised` its LayerNorm,
// (x[i, p] − μ_i)/√(σ_i² + eps)·gain[p] + shift[p], σ² biased. C ≤ 512 columns of x and of z.
// For GPUs: 32 rows per workgroup of 256 invocations. 128 hidden units at a time are computed from x and w1 into workgroup memory and at once taken into all
// columns of z, which are kept in registers: neither norm nor hidden units are ever stored. An invocation computes 4 rows by 4 of the 128 hidden
// units, and has 4 rows by up to 16 columns of z. The price: weights are read once for every 32 rows, where a tile of a product reads them once for 64 or 128.
// Order: hidden units in ascending order of p, z in ascending order of j, biases last; μ and σ² in two sweeps, each of eight interleaved sums, added in order.
// `size` must be 256.
// requires workgroup-place
// requires normal-tails

override normalised: bool = false;
// Where all rows are whole vectors of four, they are read as such.
override fours: bool = false;

const ROWS = 32u;
const UNITS = 128u;
// terms of a hidden unit, and hidden units, that are brought to workgroup memory at a time
const TERMS = 16u;
const SOME = 8u;
const COLUMNS = 512u;

struct Shape { n: u32, k: u32, r: u32, bias1: u32, bias2: u32, eps: f32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> gain: array<vec4f>;
@group(0) @binding(3) var<storage, read> shift: array<vec4f>;
@group(0) @binding(4) var<storage, read> w1: array<vec4f>;
@group(0) @binding(5) var<storage, read> b1: array<f32>;
@group(0) @binding(6) var<storage, read> w2: array<vec4f>;
@group(0) @binding(7) var<storage, read> b2: array<f32>;
@group(0) @binding(8) var<storage, read_write> z: array<f32>;

// [hidden unit][four rows]
var<workgroup> hidden: array<vec4f, UNITS * ROWS / 4u>;
// in turns [term][four rows of x] and behind it [term][four units of w1]; [hidden unit][four columns of w2]; sums of a row
var<workgroup> slab: array<vec4f, SOME * COLUMNS / 4u>;
const BEHIND = TERMS * ROWS / 4u;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroupPlace(id, workgroups) * ROWS;
  if (i >= shape.n) { return; }
  // of this invocation: which four rows, and which four columns of every 128
  let group = local / 32u;
  let lane = local % 32u;
  // element r: of the r-th of the four rows that it brings to workgroup memory, if it does
  var mu = vec4f();
  var deviation = vec4f();
  if (normalised) {
    // eight invocations a row
    let row = min(i + local / 8u, shape.n - 1u) * shape.k;
    var sum = 0.0;
    for (var p = local % 8u; p < shape.k; p += 8u) { sum += xAt(row + p); }
    let mean = sumOfEight(local, sum) / f32(shape.k);
    var squares = 0.0;
    for (var p = local % 8u; p < shape.k; p += 8u) {
      let d = xAt(row + p) - mean;
      squares += d * d;
    }
    let r = inverseSqrt(sumOfEight(local, squares) / f32(shape.k) + shape.eps);
    if (local % 8u == 0u) { slab[local / 8u] = vec4f(mean, r, 0.0, 0.0); }
    workgroupBarrier();
    let first = 4u * (local % 8u);
    mu = vec4f(slab[first].x, slab[first + 1u].x, slab[first + 2u].x, slab[first + 3u].x);
    deviation = vec4f(slab[first].y, slab[first + 1u].y, slab[first + 2u].y, slab[first + 3u].y);
    workgroupBarrier();
  }

  var z0 = mat4x4f();
  var z1 = mat4x4f();
  var z2 = mat4x4f();
  var z3 = mat4x4f();
  for (var unit = 0u; unit < shape.r; unit += UNITS) {
    var h = mat4x4f();
    for (var p = 0u; p < shape.k; p += TERMS) {
      if (local < 32u) {
        let four = local % 8u;
        let first = local / 8u * 4u;
        let row = i + 4u * four;
        var rows: mat4x4f;
        for (var r = 0u; r < 4u; r++) { rows[r] = left(row + r, p + first, mu[r], deviation[r]); }
        let x4 = transpose(rows);
        let at = first * 8u + four;
        slab[at] = x4[0];
        slab[at + 8u] = x4[1];
        slab[at + 16u] = x4[2];
        slab[at + 24u] = x4[3];
      } else if (local >= 64u && local < 192u) {
        let four = local % 32u;
        let first = (local - 64u) / 32u * 4u;
        let j = unit + 4u * four;
        var units: mat4x4f;
        for (var r = 0u; r < 4u; r++) { units[r] = widening(j + r, p + first); }
        let w4 = transpose(units);
        let at = BEHIND + first * 32u + four;
        slab[at] = w4[0];
        slab[at + 32u] = w4[1];
        slab[at + 64u] = w4[2];
        slab[at + 96u] = w4[3];
      }
      workgroupBarrier();
      for (var s = 0u; s < TERMS; s++) { h = added(h, slab[BEHIND + s * 32u + lane], slab[s * 8u + group]); }
      workgroupBarrier();
    }
    // column c of h is unit 4·lane + c, of four rows
    for (var c = 0u; c < 4u; c++) { hidden[(4u * lane + c) * 8u + group] = activated(h[c], unit + 4u * lane + c); }

    for (var first = 0u; first < min(UNITS, shape.r - unit); first += SOME) {
      let four = local % 128u;
      let j = unit + first + local / 128u * 4u;
      let c = 4u * four;
      var columns: mat4x4f;
      for (var r = 0u; r < 4u; r++) { columns[r] = narrowing(c + r, j); }
      let w4 = transpose(columns);
      let at = local / 128u * 512u + four;
      slab[at] = w4[0];
      slab[at + 128u] = w4[1];
      slab[at + 256u] = w4[2];
      slab[at + 384u] = w4[3];
      workgroupBarrier();
      for (var s = 0u; s < SOME; s++) {
        let rows = hidden[(first + s) * 8u + group];
        let at = s * 128u + lane;
        z0 = added(z0, rows, slab[at]);
        if (shape.k > 128u) { z1 = added(z1, rows, slab[at + 32u]); }
        if (shape.k > 256u) { z2 = added(z2, rows, slab[at + 64u]); }
        if (shape.k > 384u) { z3 = added(z3, rows, slab[at + 96u]); }
      }
      workgroupBarrier();
    }
  }
  store(z0, i + 4u * group, 4u * lane);
  store(z1, i + 4u * group, 4u * lane + 128u);
  store(z2, i + 4u * group, 4u * lane + 256u);
  store(z3, i + 4u * group, 4u * lane + 384u);
}

// The sum of one number of each of the eight invocations of a row.
fn sumOfEight(local: u32, value: f32) -> f32 {
  slab[local] = vec4f(value);
  workgroupBarrier();
  let first = local / 8u * 8u;
  var sum = 0.0;
  for (var e = 0u; e < 8u; e++) { sum += slab[first + e].x; }
  workgroupBarrier();
  return sum;
}

// Columns p … p + 3 of x̂.
fn left(i: u32, p: u32, mu: f32, deviation: f32) -> vec4f {
  let at = min(i, shape.n - 1u) * shape.k + p;
  var four: vec4f;
  if (fours) { four = x[at / 4u]; } else { four = vec4f(xAt(at), xAt(at + 1u), xAt(at + 2u), xAt(at + 3u)); }
  // gain and shift begin with whole vectors, however long a row is
  if (normalised) { four = (four - mu) * deviation * gain[p / 4u] + shift[p / 4u]; }
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.k));
}

fn xAt(at: u32) -> f32 {
  return x[at / 4u][at % 4u];
}

// Columns p … p + 3 of unit j's row of w1.
fn widening(j: u32, p: u32) -> vec4f {
  let at = min(j, shape.r - 1u) * shape.k + p;
  if (fours) { return select(vec4f(), w1[at / 4u], p < shape.k); }
  let four = vec4f(w1At(at), w1At(at + 1u), w1At(at + 2u), w1At(at + 3u));
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.k));
}

fn w1At(at: u32) -> f32 {
  return w1[at / 4u][at % 4u];
}

// Units j … j + 3 of column c's row of w2.
fn narrowing(c: u32, j: u32) -> vec4f {
  let at = min(c, shape.k - 1u) * shape.r + j;
  if (fours) { return select(vec4f(), w2[at / 4u], j < shape.r); }
  let four = vec4f(w2At(at), w2At(at + 1u), w2At(at + 2u), w2At(at + 3u));
  return select(vec4f(), four, vec4u(j, j + 1u, j + 2u, j + 3u) < vec4u(shape.r));
}

fn w2At(at: u32) -> f32 {
  return w2[at / 4u][at % 4u];
}

// A hidden unit of four rows; those beyond the end are 0.
fn activated(sums: vec4f, j: u32) -> vec4f {
  if (j >= shape.r) { return vec4f(); }
  var s = sums;
  if (shape.bias1 == 1u) { s += b1[j]; }
  let tails = normalTails(s);
  return s * select(1.0 - tails, tails, s < vec4f());
}

fn added(sums: mat4x4f, x: vec4f, y: vec4f) -> mat4x4f {
  return mat4x4f(sums[0] + x.x * y, sums[1] + x.y * y, sums[2] + x.z * y, sums[3] + x.w * y);
}

// Four columns of each of four rows.
fn store(sums: mat4x4f, i: u32, c: u32) {
  for (var r = 0u; r < min(4u, shape.n - min(i, shape.n)); r++) {
    for (var e = 0u; e < min(4u, shape.k - min(c, shape.k)); e++) {
      var sum = sums[r][e];
      if (shape.bias2 == 1u) { sum += b2[c + e]; }
      z[(i + r) * shape.k + c + e] = sum;
    }
  }
}
