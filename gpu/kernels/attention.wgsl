// z[b, i, :] = Σ_j exp(s_ij − max_j s_ij)·v[b, j, :] / Σ_j exp(s_ij − max_j s_ij), s_ij = factor·Σ_p q[b, i, p]·k[b, j, p].
// Online softmax: a block of keys at a time in ascending order, whose scores no storage sees; what was summed under a smaller maximum
// is scaled down when a larger one comes, and the division is the last step.
// Four rows by up to 64 columns of z per invocation; wider rows are computed in parts, each with the scores anew. Sums over p
// of four products at a time. Rows and keys beyond the end are the last ones again: such rows are not written, such keys weigh 0.
// requires place
// requires exponentials

struct Shape {
  parts: u32, n: u32, m: u32, d: u32, dv: u32,
  q_matrices: u32, k_matrices: u32, v_matrices: u32, factor: f32,
}

const COLUMNS = 64u;
const KEYS = 64u;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read> k: array<f32>;
@group(0) @binding(3) var<storage, read> v: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let part = place(id, workgroups);
  if (part >= shape.parts) { return; }
  let across = (shape.dv + COLUMNS - 1u) / COLUMNS;
  let down = (shape.n + 3u) / 4u;
  let first = part % across * COLUMNS;
  let columns = min(COLUMNS, shape.dv - first);
  let i = part / across % down * 4u;
  let b = part / across / down;
  let rows = min(vec4u(i, i + 1u, i + 2u, i + 3u), vec4u(shape.n - 1u));
  let pq = (b % shape.q_matrices * shape.n + rows) * shape.d;
  let keys = b % shape.k_matrices * shape.m;
  let values = b % shape.v_matrices * shape.m;

  // element r of each is row r
  var most = vec4f();
  var total = vec4f();
  // scores, then weights, of a block's keys 4g … 4g + 3: those of row r in weights[g][r]
  var weights: array<mat4x4f, 16>;
  // columns 4g … 4g + 3 of z: those of row r in sums[g][r]
  var sums: array<mat4x4f, 16>;
  for (var j = 0u; j < shape.m; j += KEYS) {
    let groups = (min(KEYS, shape.m - j) + 3u) / 4u;
    var larger = most;
    for (var g = 0u; g < groups; g++) {
      let s = scores(pq, keys, j + 4u * g);
      weights[g] = s;
      let largest4 = vec4f(largest(s[0]), largest(s[1]), largest(s[2]), largest(s[3]));
      // the first maximum is the first scores' own, however low they are
      if (j + g == 0u) { larger = largest4; }
      larger = max(larger, largest4);
    }
    if (j == 0u) { most = larger; }
    let rescale = exponentials(most - larger);
    most = larger;
    total *= rescale;
    for (var g = 0u; g < groups; g++) {
      let at = j + 4u * g;
      let there = select(vec4f(), vec4f(1.0), vec4u(at, at + 1u, at + 2u, at + 3u) < vec4u(shape.m));
      let s = weights[g];
      let w = mat4x4f(
        exponentials(s[0] - larger.x) * there, exponentials(s[1] - larger.y) * there,
        exponentials(s[2] - larger.z) * there, exponentials(s[3] - larger.w) * there,
      );
      total += vec4f(1.0) * w;
      weights[g] = w;
    }
    for (var c = 0u; c < columns; c += 4u) {
      let old = sums[c / 4u];
      // columns beyond the end are read where they happen to lie, and not written
      var z0 = old[0] * rescale.x;
      var z1 = old[1] * rescale.y;
      var z2 = old[2] * rescale.z;
      var z3 = old[3] * rescale.w;
      for (var g = 0u; g < groups; g++) {
        let at = min(vec4u(j + 4u * g) + vec4u(0u, 1u, 2u, 3u), vec4u(shape.m - 1u));
        let pv = (values + at) * shape.dv + first + c;
        let v4 = mat4x4f(value(pv.x), value(pv.y), value(pv.z), value(pv.w));
        let w = weights[g];
        z0 += v4 * w[0];
        z1 += v4 * w[1];
        z2 += v4 * w[2];
        z3 += v4 * w[3];
      }
      sums[c / 4u] = mat4x4f(z0, z1, z2, z3);
    }
  }
  for (var r = 0u; r < min(4u, shape.n - i); r++) {
    let out = (b * shape.n + i + r) * shape.dv + first;
    for (var c = 0u; c < columns; c++) { z[out + c] = sums[c / 4u][r][c % 4u] / total[r]; }
  }
}

// The scores of four rows and the four keys from j on: those of row r in element r.
fn scores(pq: vec4u, keys: u32, j: u32) -> mat4x4f {
  let pk = (keys + min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u))) * shape.d;
  let whole = shape.d / 4u * 4u;
  var s0 = vec4f();
  var s1 = vec4f();
  var s2 = vec4f();
  var s3 = vec4f();
  for (var p = 0u; p < whole; p += 4u) {
    let k4 = mat4x4f(key(pk.x + p), key(pk.y + p), key(pk.z + p), key(pk.w + p));
    s0 += query(pq.x + p) * k4;
    s1 += query(pq.y + p) * k4;
    s2 += query(pq.z + p) * k4;
    s3 += query(pq.w + p) * k4;
  }
  for (var p = whole; p < shape.d; p++) {
    let k1 = vec4f(k[pk.x + p], k[pk.y + p], k[pk.z + p], k[pk.w + p]);
    s0 += q[pq.x + p] * k1;
    s1 += q[pq.y + p] * k1;
    s2 += q[pq.z + p] * k1;
    s3 += q[pq.w + p] * k1;
  }
  return mat4x4f(s0, s1, s2, s3) * shape.factor;
}

fn query(at: u32) -> vec4f {
  return vec4f(q[at], q[at + 1u], q[at + 2u], q[at + 3u]);
}

fn key(at: u32) -> vec4f {
  return vec4f(k[at], k[at + 1u], k[at + 2u], k[at + 3u]);
}

fn value(at: u32) -> vec4f {
  return vec4f(v[at], v[at + 1u], v[at + 2u], v[at + 3u]);
}

fn largest(x: vec4f) -> f32 {
  return max(max(x.x, x.y), max(x.z, x.w));
}
