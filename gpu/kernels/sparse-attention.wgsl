// z[b, i, :] = Σ_e exp(s_e − max s)·v[b, columns_e, :] / Σ exp(s − max s), s_e = factor·Σ_p q[b, i, p]·k[b, columns_e, p], over the
// counts[row] entries e that row i of the mask holds: sampled product, softmax and weighted sum in one pass. Where `whole`, the maximum and the sum
// of the exponentials are those of the whole row, held or not. A row that holds nothing is 0.
// Online softmax: four entries at a time in ascending order of the columns; what was summed under a smaller maximum is scaled
// down when a larger one comes, and the division is the last step. No score is stored.
// One row by up to 64 columns of z per invocation; wider rows are computed in parts, each with the scores anew.
// requires place
// requires exponentials

override whole: bool = false;

struct Shape {
  parts: u32, n: u32, m: u32, d: u32, dv: u32, capacity: u32,
  mask_matrices: u32, q_matrices: u32, k_matrices: u32, v_matrices: u32, factor: f32,
}

const COLUMNS = 64u;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> counts: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> q: array<f32>;
@group(0) @binding(4) var<storage, read> k: array<f32>;
@group(0) @binding(5) var<storage, read> v: array<f32>;
@group(0) @binding(6) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let part = place(id, workgroups);
  if (part >= shape.parts) { return; }
  let across = (shape.dv + COLUMNS - 1u) / COLUMNS;
  let first = part % across * COLUMNS;
  let width = min(COLUMNS, shape.dv - first);
  let i = part / across % shape.n;
  let b = part / across / shape.n;
  let row = b % shape.mask_matrices * shape.n + i;
  let held = counts[row];
  let out = (b * shape.n + i) * shape.dv + first;
  if (held == 0u) {
    for (var c = 0u; c < width; c++) { z[out + c] = 0.0; }
    return;
  }
  let start = row * shape.capacity;
  let pq = (b % shape.q_matrices * shape.n + i) * shape.d;
  let keys = b % shape.k_matrices * shape.m;
  let values = b % shape.v_matrices * shape.m;
  let fours = shape.d / 4u * 4u;
  let number = select(held, shape.m, whole);

  var most = 0.0;
  var total = 0.0;
  // how many of the held entries have come by
  var seen = 0u;
  var sums: array<vec4f, 16>;
  for (var e = 0u; e < number; e += 4u) {
    let here = vec4u(e, e + 1u, e + 2u, e + 3u);
    let there = select(vec4f(), vec4f(1.0), here < vec4u(number));
    // beyond the end the last entry again, which weighs 0
    var at = min(here, vec4u(number - 1u));
    var kept = there;
    if (whole) {
      for (var r = 0u; r < 4u; r++) {
        kept[r] = 0.0;
        if (seen < held && columns[start + seen] == here[r]) {
          kept[r] = 1.0;
          seen++;
        }
      }
    } else {
      at = vec4u(columns[start + at.x], columns[start + at.y], columns[start + at.z], columns[start + at.w]);
    }
    let pk = (keys + at) * shape.d;
    var s = vec4f();
    for (var p = 0u; p < fours; p += 4u) {
      let q4 = vec4f(q[pq + p], q[pq + p + 1u], q[pq + p + 2u], q[pq + p + 3u]);
      s += q4 * mat4x4f(key(pk.x + p), key(pk.y + p), key(pk.z + p), key(pk.w + p));
    }
    for (var p = fours; p < shape.d; p++) {
      s += q[pq + p] * vec4f(k[pk.x + p], k[pk.y + p], k[pk.z + p], k[pk.w + p]);
    }
    s *= shape.factor;
    let largest = max(max(s.x, s.y), max(s.z, s.w));
    // the first maximum is the first scores' own, however low they are
    if (e == 0u) { most = largest; }
    let larger = max(most, largest);
    let rescale = exponential(most - larger);
    most = larger;
    let weights = exponentials(s - larger) * there;
    total = total * rescale + (weights.x + weights.y) + (weights.z + weights.w);
    let counted = weights * kept;
    let pv = (values + at) * shape.dv + first;
    for (var c = 0u; c < width; c += 4u) {
      // columns beyond the end are read where they happen to lie, and not written
      let v4 = mat4x4f(value(pv.x + c), value(pv.y + c), value(pv.z + c), value(pv.w + c));
      sums[c / 4u] = sums[c / 4u] * rescale + v4 * counted;
    }
  }
  for (var c = 0u; c < width; c++) { z[out + c] = sums[c / 4u][c % 4u] / total; }
}

fn key(at: u32) -> vec4f {
  return vec4f(k[at], k[at + 1u], k[at + 2u], k[at + 3u]);
}

fn value(at: u32) -> vec4f {
  return vec4f(v[at], v[at + 1u], v[at + 2u], v[at + 3u]);
}
