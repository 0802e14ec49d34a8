// z[i, j] = GELU(Σ_p x̂[i, p]·w[j, p] + bias[j]), the bias where `biased`, x̂ = x; or where `normalised` x̂ = (x[i, p] − μ_i)·r_i·gain[p] +
// shift[p], the LayerNorm of row i, whose μ and r = 1/√(σ² + eps) `row-statistics.wgsl` left in `statistics`. Neither what GELU is taken of nor
// the norm is stored.
// Tiles as in `product-tiles.wgsl`: four rows by four columns of z per invocation, sums of four products at a time, in ascending
// order of p, the bias last. A row is normalised anew for every four columns, which costs a processor more than it saves.
// requires place
// requires normal-tails

override normalised: bool = false;

struct Shape { tiles: u32, n: u32, k: u32, m: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> statistics: array<f32>;
@group(0) @binding(3) var<storage, read> gain: array<f32>;
@group(0) @binding(4) var<storage, read> shift: array<f32>;
@group(0) @binding(5) var<storage, read> w: array<f32>;
@group(0) @binding(6) var<storage, read> bias: array<f32>;
@group(0) @binding(7) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let tile = place(id, workgroups);
  if (tile >= shape.tiles) { return; }
  let across = (shape.m + 3u) / 4u;
  let j = tile % across * 4u;
  let i = tile / across * 4u;
  // rows and columns beyond the end are the last ones again
  let rows = min(vec4u(i, i + 1u, i + 2u, i + 3u), vec4u(shape.n - 1u));
  let columns = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u));
  let px = rows * shape.k;
  let pw = columns * shape.k;
  var mu = vec4f();
  var r = vec4f();
  if (normalised) {
    let at = 2u * rows;
    mu = vec4f(statistics[at.x], statistics[at.y], statistics[at.z], statistics[at.w]);
    r = vec4f(statistics[at.x + 1u], statistics[at.y + 1u], statistics[at.z + 1u], statistics[at.w + 1u]);
  }

  var z0 = vec4f();
  var z1 = vec4f();
  var z2 = vec4f();
  var z3 = vec4f();
  let whole = shape.k / 4u * 4u;
  for (var p = 0u; p < whole; p += 4u) {
    var x0 = row(px.x + p);
    var x1 = row(px.y + p);
    var x2 = row(px.z + p);
    var x3 = row(px.w + p);
    if (normalised) {
      let gain4 = vec4f(gain[p], gain[p + 1u], gain[p + 2u], gain[p + 3u]);
      let shift4 = vec4f(shift[p], shift[p + 1u], shift[p + 2u], shift[p + 3u]);
      x0 = (x0 - mu.x) * r.x * gain4 + shift4;
      x1 = (x1 - mu.y) * r.y * gain4 + shift4;
      x2 = (x2 - mu.z) * r.z * gain4 + shift4;
      x3 = (x3 - mu.w) * r.w * gain4 + shift4;
    }
    // column c of this matrix is w at p … p + 3 of row j + c
    let w4 = mat4x4f(weights(pw.x + p), weights(pw.y + p), weights(pw.z + p), weights(pw.w + p));
    z0 += x0 * w4;
    z1 += x1 * w4;
    z2 += x2 * w4;
    z3 += x3 * w4;
  }
  for (var p = whole; p < shape.k; p++) {
    var x1 = vec4f(x[px.x + p], x[px.y + p], x[px.z + p], x[px.w + p]);
    if (normalised) { x1 = (x1 - mu) * r * gain[p] + shift[p]; }
    let w1 = vec4f(w[pw.x + p], w[pw.y + p], w[pw.z + p], w[pw.w + p]);
    z0 += x1.x * w1;
    z1 += x1.y * w1;
    z2 += x1.z * w1;
    z3 += x1.w * w1;
  }
  write(z0, i, j);
  write(z1, i + 1u, j);
  write(z2, i + 2u, j);
  write(z3, i + 3u, j);
}

fn row(at: u32) -> vec4f {
  return vec4f(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
}

fn weights(at: u32) -> vec4f {
  return vec4f(w[at], w[at + 1u], w[at + 2u], w[at + 3u]);
}

fn write(value: vec4f, i: u32, j: u32) {
  if (i >= shape.n) { return; }
  var sums = value;
  if (shape.biased == 1u) {
    let at = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u));
    sums += vec4f(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
  }
  let tails = normalTails(sums);
  let gelu = sums * select(1.0 - tails, tails, sums < vec4f());
  for (var c = 0u; c < min(4u, shape.m - j); c++) { z[i * shape.m + j + c] = gelu[c]; }
}
