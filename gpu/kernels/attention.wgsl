// z[b, i, :] = Σ_j exp(s_ij − max_j s_ij)·v[b, j, :] / Σ_j exp(s_ij − max_j s_ij), s_ij = factor·Σ_p q[b, i, p]·k[b, j, p].
// Online softmax: four keys at a time in ascending order; what was summed under a smaller maximum is scaled down when a larger
// one comes, and the division is the last step. No score is stored.
// Four rows by up to `columns_at_once` columns of z per invocation, 16, 32 or 64; wider rows are computed in parts, each with the
// scores anew. What fewer columns do not need the compiler leaves out, which is most of its work. Sums over p of four products
// at a time. Rows and keys beyond the end are the last ones again: such rows are not written, such keys weigh 0.
// requires place
// requires exponentials

struct Shape {
  parts: u32, n: u32, m: u32, d: u32, dv: u32,
  q_matrices: u32, k_matrices: u32, v_matrices: u32, factor: f32,
}

override columns_at_once: u32 = 64u;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read> k: array<f32>;
@group(0) @binding(3) var<storage, read> v: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let part = place(id, workgroups);
  if (part >= shape.parts) { return; }
  let across = (shape.dv + columns_at_once - 1u) / columns_at_once;
  let down = (shape.n + 3u) / 4u;
  let first = part % across * columns_at_once;
  let columns = min(columns_at_once, shape.dv - first);
  let i = part / across % down * 4u;
  let b = part / across / down;
  let rows = min(vec4u(i, i + 1u, i + 2u, i + 3u), vec4u(shape.n - 1u));
  let pq = (b % shape.q_matrices * shape.n + rows) * shape.d;
  let keys = b % shape.k_matrices * shape.m;
  let values = b % shape.v_matrices * shape.m;
  let whole = shape.d / 4u * 4u;

  // element r of each is row r
  var most = vec4f();
  var total = vec4f();
  // columns 4c … 4c + 3 of row r are sums_c[r]; sixteen names, since an array indexed by a variable is not kept in registers
  var sums0 = mat4x4f();
  var sums1 = mat4x4f();
  var sums2 = mat4x4f();
  var sums3 = mat4x4f();
  var sums4 = mat4x4f();
  var sums5 = mat4x4f();
  var sums6 = mat4x4f();
  var sums7 = mat4x4f();
  var sums8 = mat4x4f();
  var sums9 = mat4x4f();
  var sums10 = mat4x4f();
  var sums11 = mat4x4f();
  var sums12 = mat4x4f();
  var sums13 = mat4x4f();
  var sums14 = mat4x4f();
  var sums15 = mat4x4f();
  for (var j = 0u; j < shape.m; j += 4u) {
    let at = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u));
    let pk = (keys + at) * shape.d;
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
    s0 *= shape.factor;
    s1 *= shape.factor;
    s2 *= shape.factor;
    s3 *= shape.factor;
    let here = vec4f(largest(s0), largest(s1), largest(s2), largest(s3));
    // the first maximum is the first scores' own, however low they are
    if (j == 0u) { most = here; }
    let larger = max(most, here);
    let rescale = exponentials(most - larger);
    most = larger;
    let there = select(vec4f(), vec4f(1.0), vec4u(j, j + 1u, j + 2u, j + 3u) < vec4u(shape.m));
    let weights = mat4x4f(
      exponentials(s0 - larger.x) * there, exponentials(s1 - larger.y) * there,
      exponentials(s2 - larger.z) * there, exponentials(s3 - larger.w) * there,
    );
    total = total * rescale + vec4f(1.0) * weights;
    let pv = (values + at) * shape.dv + first;
    sums0 = added(sums0, rescale, weights, pv);
    sums1 = added(sums1, rescale, weights, pv + 4u);
    sums2 = added(sums2, rescale, weights, pv + 8u);
    sums3 = added(sums3, rescale, weights, pv + 12u);
    if (columns_at_once > 16u) {
      sums4 = added(sums4, rescale, weights, pv + 16u);
      sums5 = added(sums5, rescale, weights, pv + 20u);
      sums6 = added(sums6, rescale, weights, pv + 24u);
      sums7 = added(sums7, rescale, weights, pv + 28u);
    }
    if (columns_at_once > 32u && columns > 32u) {
      sums8 = added(sums8, rescale, weights, pv + 32u);
      sums9 = added(sums9, rescale, weights, pv + 36u);
      sums10 = added(sums10, rescale, weights, pv + 40u);
      sums11 = added(sums11, rescale, weights, pv + 44u);
      sums12 = added(sums12, rescale, weights, pv + 48u);
      sums13 = added(sums13, rescale, weights, pv + 52u);
      sums14 = added(sums14, rescale, weights, pv + 56u);
      sums15 = added(sums15, rescale, weights, pv + 60u);
    }
  }
  let sums = array<mat4x4f, 16>(
    sums0, sums1, sums2, sums3, sums4, sums5, sums6, sums7,
    sums8, sums9, sums10, sums11, sums12, sums13, sums14, sums15,
  );
  for (var r = 0u; r < min(4u, shape.n - i); r++) {
    let out = (b * shape.n + i + r) * shape.dv + first;
    for (var c = 0u; c < columns; c++) { z[out + c] = sums[c / 4u][r][c % 4u] / total[r]; }
  }
}

// Four columns with the values of four keys added, which lie where `at` says. Columns beyond the end are read where they happen to
// lie, and not written.
fn added(sums: mat4x4f, rescale: vec4f, weights: mat4x4f, at: vec4u) -> mat4x4f {
  let v4 = mat4x4f(value(at.x), value(at.y), value(at.z), value(at.w));
  return mat4x4f(
    sums[0] * rescale.x + v4 * weights[0], sums[1] * rescale.y + v4 * weights[1],
    sums[2] * rescale.z + v4 * weights[2], sums[3] * rescale.w + v4 * weights[3],
  );
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
