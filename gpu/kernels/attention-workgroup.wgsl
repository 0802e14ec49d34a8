// z[b, i, :] = Σ_j exp(s_ij − max_j s_ij)·v[b, j, :] / Σ_j exp(s_ij − max_j s_ij), s_ij = factor·Σ_p q[b, i, p]·k[b, j, p]; d, dv ≤ 64.
// Version 2, for GPUs: keys and values come to workgroup memory 32 at a time and are read there by all invocations, each of which has one row of q and of z in
// registers: all read the same place, which costs one access, and no row is anybody else's, so that nothing but the tiles needs a barrier.
// Online softmax: four keys at a time in ascending order; what was summed under a smaller maximum is scaled down when a larger one comes, and the division is the
// last step. No score is stored. Sums over p in four interleaved sums, added at the end.
// Keys beyond the end weigh 0; columns beyond the end are zeros in the tiles and not written.
// requires workgroup-place
// requires exponentials

struct Shape {
  parts: u32, n: u32, m: u32, d: u32, dv: u32,
  q_matrices: u32, k_matrices: u32, v_matrices: u32, factor: f32,
}

const KEYS = 32u;
// vectors of a row
const FOURS = 16u;

// Where rows are whole vectors of four, they are read as such.
override d_fours: bool = false;
override dv_fours: bool = false;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;
@group(0) @binding(2) var<storage, read> k: array<vec4f>;
@group(0) @binding(3) var<storage, read> v: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

var<workgroup> keys: array<vec4f, KEYS * FOURS>;
var<workgroup> values: array<vec4f, KEYS * FOURS>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let bands = (shape.n + size - 1u) / size;
  let band = workgroupPlace(id, workgroups);
  if (band >= shape.parts) { return; }
  let b = band / bands;
  let i = band % bands * size + local;
  // invocations beyond the last row compute it again
  let pq = (b % shape.q_matrices * shape.n + min(i, shape.n - 1u)) * shape.d;
  let q0 = mat4x4f(query(pq, 0u), query(pq, 4u), query(pq, 8u), query(pq, 12u));
  let q1 = mat4x4f(query(pq, 16u), query(pq, 20u), query(pq, 24u), query(pq, 28u));
  let q2 = mat4x4f(query(pq, 32u), query(pq, 36u), query(pq, 40u), query(pq, 44u));
  let q3 = mat4x4f(query(pq, 48u), query(pq, 52u), query(pq, 56u), query(pq, 60u));
  let pk = b % shape.k_matrices * shape.m;
  let pv = b % shape.v_matrices * shape.m;

  var most = 0.0;
  var total = 0.0;
  // columns 16·c … 16·c + 15 of the row are z_c
  var z0 = mat4x4f();
  var z1 = mat4x4f();
  var z2 = mat4x4f();
  var z3 = mat4x4f();
  for (var first = 0u; first < shape.m; first += KEYS) {
    for (var at = local; at < KEYS * FOURS; at += size) {
      let j = min(first + at / FOURS, shape.m - 1u);
      let p = at % FOURS * 4u;
      keys[at] = key((pk + j) * shape.d, p);
      // a value that weighs 0 must be a number
      values[at] = select(vec4f(), value((pv + j) * shape.dv, p), first + at / FOURS < shape.m);
    }
    workgroupBarrier();
    for (var j = 0u; j < min(KEYS, shape.m - first); j += 4u) {
      var s = vec4f();
      for (var r = 0u; r < 4u; r++) {
        let at = (j + r) * FOURS;
        var sums = scored(q0, at) + scored(q1, at + 4u);
        if (shape.d > 32u) { sums += scored(q2, at + 8u) + scored(q3, at + 12u); }
        s[r] = (sums.x + sums.y) + (sums.z + sums.w);
      }
      s *= shape.factor;
      // keys beyond the end are the last one again: they raise no maximum
      let here = max(max(s.x, s.y), max(s.z, s.w));
      // the first maximum is the first scores' own, however low they are
      if (first + j == 0u) { most = here; }
      if (here > most) {
        let rescale = exponential(most - here);
        most = here;
        total *= rescale;
        z0 *= rescale;
        z1 *= rescale;
        z2 *= rescale;
        z3 *= rescale;
      }
      let there = select(vec4f(), vec4f(1.0), first + j + vec4u(0u, 1u, 2u, 3u) < vec4u(shape.m));
      let w = exponentials(s - most) * there;
      total += (w.x + w.y) + (w.z + w.w);
      for (var r = 0u; r < 4u; r++) {
        let at = (j + r) * FOURS;
        z0 = weighed(z0, w[r], at);
        z1 = weighed(z1, w[r], at + 4u);
        if (shape.dv > 32u) {
          z2 = weighed(z2, w[r], at + 8u);
          z3 = weighed(z3, w[r], at + 12u);
        }
      }
    }
    workgroupBarrier();
  }
  if (i >= shape.n) { return; }
  let out = (b * shape.n + i) * shape.dv;
  write(out, 0u, z0, total);
  write(out, 16u, z1, total);
  write(out, 32u, z2, total);
  write(out, 48u, z3, total);
}

// Sixteen terms of a score, in four sums.
fn scored(q: mat4x4f, at: u32) -> vec4f {
  return q[0] * keys[at] + q[1] * keys[at + 1u] + q[2] * keys[at + 2u] + q[3] * keys[at + 3u];
}

// Sixteen columns with those of a value added.
fn weighed(z: mat4x4f, w: f32, at: u32) -> mat4x4f {
  return mat4x4f(
    z[0] + w * values[at], z[1] + w * values[at + 1u], z[2] + w * values[at + 2u], z[3] + w * values[at + 3u],
  );
}

fn query(start: u32, p: u32) -> vec4f {
  if (d_fours) { return select(vec4f(), q[(start + p) / 4u], p < shape.d); }
  let at = start + vec4u(p, p + 1u, p + 2u, p + 3u);
  let four = vec4f(q[at.x / 4u][at.x % 4u], q[at.y / 4u][at.y % 4u], q[at.z / 4u][at.z % 4u], q[at.w / 4u][at.w % 4u]);
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.d));
}

fn key(start: u32, p: u32) -> vec4f {
  if (d_fours) { return select(vec4f(), k[(start + p) / 4u], p < shape.d); }
  let at = start + vec4u(p, p + 1u, p + 2u, p + 3u);
  let four = vec4f(k[at.x / 4u][at.x % 4u], k[at.y / 4u][at.y % 4u], k[at.z / 4u][at.z % 4u], k[at.w / 4u][at.w % 4u]);
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.d));
}

fn value(start: u32, c: u32) -> vec4f {
  if (dv_fours) { return select(vec4f(), v[(start + c) / 4u], c < shape.dv); }
  let at = start + vec4u(c, c + 1u, c + 2u, c + 3u);
  let four = vec4f(v[at.x / 4u][at.x % 4u], v[at.y / 4u][at.y % 4u], v[at.z / 4u][at.z % 4u], v[at.w / 4u][at.w % 4u]);
  return select(vec4f(), four, vec4u(c, c + 1u, c + 2u, c + 3u) < vec4u(shape.dv));
}

fn write(out: u32, first: u32, sums: mat4x4f, total: f32) {
  for (var c = 0u; c < 16u; c++) {
    if (first + c < shape.dv) { z[out + first + c] = sums[c / 4u][c % 4u] / total; }
  }
}
