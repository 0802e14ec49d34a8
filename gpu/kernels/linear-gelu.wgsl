// z[i, j] = GELU(Σ_p x[i, p]·w[j, p] + bias[j]), the bias where `biased`. What GELU is taken of is not stored.
// Tiles as in `product-tiles.wgsl`: four rows by four columns of z per invocation, sums of four products at a time, in ascending
// order of p, the bias last.
// requires place
// requires normal-tails

struct Shape { tiles: u32, n: u32, k: u32, m: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

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

  var z0 = vec4f();
  var z1 = vec4f();
  var z2 = vec4f();
  var z3 = vec4f();
  let whole = shape.k / 4u * 4u;
  for (var p = 0u; p < whole; p += 4u) {
    // column c of this matrix is w at p … p + 3 of row j + c
    let w4 = mat4x4f(weights(pw.x + p), weights(pw.y + p), weights(pw.z + p), weights(pw.w + p));
    z0 += row(px.x + p) * w4;
    z1 += row(px.y + p) * w4;
    z2 += row(px.z + p) * w4;
    z3 += row(px.w + p) * w4;
  }
  for (var p = whole; p < shape.k; p++) {
    let x1 = vec4f(x[px.x + p], x[px.y + p], x[px.z + p], x[px.w + p]);
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
