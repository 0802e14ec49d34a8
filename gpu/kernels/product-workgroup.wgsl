// z[b, i, j] = Σ_p x[b, i, p]·y[b, p, j], or y[b, j, p] where `transposed`, plus bias[j] where `biased`.
// Version 3, for GPUs: a tile of z per workgroup, as `register-tiles.wgsl` says. In ascending order of p, the bias last.
// Sizes need not be multiples of anything: rows and columns beyond the end are the last ones again and not written, terms beyond the end are zeros.
// Where rows of x are whole vectors of four (`x_fours`), likewise of y, they are read as such.
// requires workgroup-place
// requires register-tiles

override x_fours: bool = false;
override y_fours: bool = false;

struct Shape { tiles: u32, n: u32, k: u32, m: u32, x_matrices: u32, y_matrices: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> y: array<vec4f>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

// which matrices these are
var<private> x_start: u32;
var<private> y_start: u32;
var<private> z_start: u32;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tile = workgroupPlace(id, workgroups);
  if (tile >= shape.tiles) { return; }
  let beside = (shape.m + 8u * across - 1u) / (8u * across);
  let below = (shape.n + 8u * down - 1u) / (8u * down);
  let j = tile % beside * 8u * across;
  let i = tile / beside % below * 8u * down;
  let b = tile / beside / below;
  x_start = b % shape.x_matrices * shape.n * shape.k;
  y_start = b % shape.y_matrices * shape.k * shape.m;
  z_start = b * shape.n * shape.m;
  storeTile(tileOf(local, i, j, shape.k), local, i, j);
}

fn left(i: u32, p: u32) -> vec4f {
  let at = x_start + min(i, shape.n - 1u) * shape.k + p;
  if (x_fours) { return select(vec4f(), x[at / 4u], p < shape.k); }
  let four = vec4f(xAt(at), xAt(at + 1u), xAt(at + 2u), xAt(at + 3u));
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.k));
}

fn right(p: u32, j: u32) -> vec4f {
  if (transposed) {
    let at = y_start + min(j, shape.m - 1u) * shape.k + p;
    if (y_fours) { return select(vec4f(), y[at / 4u], p < shape.k); }
    let four = vec4f(yAt(at), yAt(at + 1u), yAt(at + 2u), yAt(at + 3u));
    return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.k));
  }
  let start = y_start + min(p, shape.k - 1u) * shape.m;
  if (y_fours) { return select(vec4f(), y[(start + min(j, shape.m - 4u)) / 4u], p < shape.k); }
  let at = vec4u(start) + min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u));
  return select(vec4f(), vec4f(yAt(at.x), yAt(at.y), yAt(at.z), yAt(at.w)), p < shape.k);
}

fn xAt(at: u32) -> f32 {
  return x[at / 4u][at % 4u];
}

fn yAt(at: u32) -> f32 {
  return y[at / 4u][at % 4u];
}

fn store(value: vec4f, i: u32, j: u32) {
  if (i >= shape.n || j >= shape.m) { return; }
  for (var c = 0u; c < min(4u, shape.m - j); c++) {
    var sum = value[c];
    if (shape.biased == 1u) { sum += bias[j + c]; }
    z[z_start + i * shape.m + j + c] = sum;
  }
}
