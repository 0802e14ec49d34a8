// The mask of each row i: a_j = Softmax_j(factor·Σ_p q[b, i, p]·k[b, j, p]) over the m projected keys, dropped where not above `tau`;
// s_c = Σ_j a_j·w[j, c], entries of w dropped that are not above `limit` in magnitude; the columns of the `budget` largest s, zeros
// dropped: columns[row·capacity + e], e < counts[row], ascending.
// One row per invocation, which keeps a, the j of those held, and s in rows of its own in `coefficients`, `places` and `values`. Sums
// over p of four products at a time, those over j one by one for four columns at a time, all in ascending order. What is above
// a limit or among the largest is decided on bits.
// requires place
// requires exponential
// requires ordered
// requires cut
// requires count-row

struct Shape {
  rows: u32, nq: u32, d: u32, m: u32, n: u32, q_matrices: u32, k_matrices: u32, budget: u32, capacity: u32,
  factor: f32, tau: u32, limit: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> q: array<f32>;
@group(0) @binding(2) var<storage, read> k: array<f32>;
@group(0) @binding(3) var<storage, read> w: array<u32>;
@group(0) @binding(4) var<storage, read_write> coefficients: array<f32>;
@group(0) @binding(5) var<storage, read_write> places: array<u32>;
@group(0) @binding(6) var<storage, read_write> values: array<u32>;
@group(0) @binding(7) var<storage, read_write> counts: array<u32>;
@group(0) @binding(8) var<storage, read_write> columns: array<u32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let row = place(id, workgroups);
  if (row >= shape.rows) { return; }
  let b = row / shape.nq;
  let pq = (b % shape.q_matrices * shape.nq + row % shape.nq) * shape.d;
  let keys = b % shape.k_matrices * shape.m;
  let first = row * shape.m;

  for (var j = 0u; j < shape.m; j += 4u) { logits(first, pq, keys, j); }
  var most = coefficients[first];
  for (var e = first; e < first + shape.m; e++) { most = max(most, coefficients[e]); }
  var sum = 0.0;
  for (var e = first; e < first + shape.m; e++) {
    let power = exponential(coefficients[e] - most);
    coefficients[e] = power;
    sum += power;
  }
  let tau = ordered(shape.tau);
  var end = first;
  for (var j = 0u; j < shape.m; j++) {
    let a = coefficients[first + j] / sum;
    if (ordered(bitcast<u32>(a)) <= tau) { continue; }
    coefficients[end] = a;
    places[end] = j;
    end++;
  }
  let start = row * shape.n;
  for (var c = 0u; c < shape.n; c += 4u) { scores(first, end, start, c); }

  let cut = cutOf(start, start + shape.n, shape.n, shape.budget);
  var equals = cut.equals;
  var count = 0u;
  for (var c = 0u; c < shape.n; c++) {
    let key = ordered(values[start + c]);
    if (key == 0) { continue; }
    if (key == cut.least && equals > 0u) { equals--; } else if (key <= cut.least) { continue; }
    columns[row * shape.capacity + count] = c;
    count++;
  }
  counts[row] = count;
}

// The logits of four keys from j on; keys beyond the end are the last one again, and not written.
fn logits(first: u32, pq: u32, keys: u32, j: u32) {
  let pk = (keys + min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u))) * shape.d;
  var s = vec4f();
  let whole = shape.d / 4u * 4u;
  for (var p = 0u; p < whole; p += 4u) {
    let q4 = vec4f(q[pq + p], q[pq + p + 1u], q[pq + p + 2u], q[pq + p + 3u]);
    s += q4 * mat4x4f(key(pk.x + p), key(pk.y + p), key(pk.z + p), key(pk.w + p));
  }
  for (var p = whole; p < shape.d; p++) {
    s += q[pq + p] * vec4f(k[pk.x + p], k[pk.y + p], k[pk.z + p], k[pk.w + p]);
  }
  s *= shape.factor;
  for (var r = 0u; r < min(4u, shape.m - j); r++) { coefficients[first + j + r] = s[r]; }
}

fn key(at: u32) -> vec4f {
  return vec4f(k[at], k[at + 1u], k[at + 2u], k[at + 3u]);
}

// The scores of four columns from c on, of the coefficients held, which are those before `end`.
fn scores(first: u32, end: u32, start: u32, c: u32) {
  let at = min(vec4u(c, c + 1u, c + 2u, c + 3u), vec4u(shape.n - 1u));
  var s = vec4f();
  for (var e = first; e < end; e++) {
    let pw = places[e] * shape.n + at;
    s += coefficients[e] * vec4f(basis(pw.x), basis(pw.y), basis(pw.z), basis(pw.w));
  }
  for (var r = 0u; r < min(4u, shape.n - c); r++) { values[start + c + r] = bitcast<u32>(s[r]); }
}

fn basis(at: u32) -> f32 {
  let bits = w[at];
  return select(0.0, bitcast<f32>(bits), ordered(bits & 0x7fffffffu) > ordered(shape.limit));
}
