// z[b, i, j] = Σ_p x[b, i, p]·y[b, p, j], or y[b, j, p] where `transposed`, plus bias[j] where `biased`.
// Version 4, for large products on a GPU in software: a tile of 16 by 16 per invocation, as `block-tiles.wgsl` says; the bias last.
// Rows and columns beyond the end are the last ones again and not written.
// requires place
// requires block-tiles

override transposed: bool = false;

struct Shape { tiles: u32, n: u32, k: u32, m: u32, x_matrices: u32, y_matrices: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> z: array<f32>;

// where these matrices begin
var<private> x_start: u32;
var<private> y_start: u32;
var<private> z_start: u32;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let tile = place(id, workgroups);
  if (tile >= shape.tiles) { return; }
  let across = (shape.m + 15u) / 16u;
  let down = (shape.n + 15u) / 16u;
  let j = tile % across * 16u;
  let i = tile / across % down * 16u;
  let b = tile / across / down;
  x_start = b % shape.x_matrices * shape.n * shape.k;
  y_start = b % shape.y_matrices * shape.k * shape.m;
  z_start = b * shape.n * shape.m;
  storeBlock(blockOf(i, j, shape.k), i, j);
}

fn left(i: u32, p: u32) -> vec4f {
  let at = x_start + min(i, shape.n - 1u) * shape.k + p;
  return vec4f(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
}

fn right(p: u32, j: u32) -> vec4f {
  let column = min(j, shape.m - 1u);
  if (transposed) {
    let at = y_start + column * shape.k + p;
    return vec4f(y[at], y[at + 1u], y[at + 2u], y[at + 3u]);
  }
  let at = y_start + p * shape.m + column;
  return vec4f(y[at], y[at + shape.m], y[at + 2u * shape.m], y[at + 3u * shape.m]);
}

fn store(value: vec4f, i: u32, j: u32) {
  if (i >= shape.n || j >= shape.m) { return; }
  var sums = value;
  if (shape.biased == 1u) {
    let at = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u));
    sums += vec4f(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
  }
  for (var c = 0u; c < min(4u, shape.m - j); c++) { z[z_start + i * shape.m + j + c] = sums[c]; }
}
