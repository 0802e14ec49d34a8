// z[b, i, j] = Σ_p x[b, i, p]·y[b, p, j], or y[b, j, p] where `transposed`, plus bias[j] where `biased`.
// Version 2, for inner extents worth it: four rows by four columns of z per invocation, so that what is read once serves
// four times; sums of four products at a time, in ascending order of p, the bias last. Sizes need not be multiples of four:
// rows and columns beyond the end are computed on the last ones again and not written.
// requires place

override transposed: bool = false;

struct Shape { tiles: u32, n: u32, k: u32, m: u32, x_matrices: u32, y_matrices: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let tile = place(id, workgroups);
  if (tile >= shape.tiles) { return; }
  let across = (shape.m + 3u) / 4u;
  let down = (shape.n + 3u) / 4u;
  let j = tile % across * 4u;
  let i = tile / across % down * 4u;
  let b = tile / across / down;

  // where rows i … i + 3 of x, and columns j … j + 3 of y, begin
  let rows = min(vec4u(i, i + 1u, i + 2u, i + 3u), vec4u(shape.n - 1u));
  let columns = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u));
  let px = (b % shape.x_matrices * shape.n + rows) * shape.k;
  let first = b % shape.y_matrices * shape.k * shape.m;
  let py = first + select(columns, columns * shape.k, vec4<bool>(transposed));
  let step = select(shape.m, 1u, transposed);

  var z0 = vec4f();
  var z1 = vec4f();
  var z2 = vec4f();
  var z3 = vec4f();
  let whole = shape.k / 4u * 4u;
  for (var p = 0u; p < whole; p += 4u) {
    // column c of this matrix is y at p … p + 3 of column j + c
    let y4 = mat4x4f(
      column(py.x + p * step, step), column(py.y + p * step, step),
      column(py.z + p * step, step), column(py.w + p * step, step),
    );
    z0 += row(px.x + p) * y4;
    z1 += row(px.y + p) * y4;
    z2 += row(px.z + p) * y4;
    z3 += row(px.w + p) * y4;
  }
  for (var p = whole; p < shape.k; p++) {
    let y1 = vec4f(y[py.x + p * step], y[py.y + p * step], y[py.z + p * step], y[py.w + p * step]);
    z0 += x[px.x + p] * y1;
    z1 += x[px.y + p] * y1;
    z2 += x[px.z + p] * y1;
    z3 += x[px.w + p] * y1;
  }
  let out = (b * shape.n + i) * shape.m + j;
  write(out, z0, i, j);
  write(out + shape.m, z1, i + 1u, j);
  write(out + 2u * shape.m, z2, i + 2u, j);
  write(out + 3u * shape.m, z3, i + 3u, j);
}

fn row(at: u32) -> vec4f {
  return vec4f(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
}

fn column(at: u32, step: u32) -> vec4f {
  return vec4f(y[at], y[at + step], y[at + 2u * step], y[at + 3u * step]);
}

fn write(out: u32, value: vec4f, i: u32, j: u32) {
  if (i >= shape.n) { return; }
  for (var c = 0u; c < min(4u, shape.m - j); c++) {
    var sum = value[c];
    if (shape.biased == 1u) { sum += bias[j + c]; }
    z[out + c] = sum;
  }
}
