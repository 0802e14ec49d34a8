// z[i, j] = GELU(Σ_p x[i, p]·w[j, p] + bias[j]), the bias where `biased`. What GELU is taken of is not stored.
// Version 2, for large layers on a GPU in software: a tile of 16 by 16 per invocation, as `block-tiles.wgsl` says; the bias last.
// Rows and columns beyond the end are the last ones again and not written.
// requires place
// requires block-tiles
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
  let across = (shape.m + 15u) / 16u;
  let i = tile / across * 16u;
  let j = tile % across * 16u;
  storeBlock(blockOf(i, j, shape.k), i, j);
}

fn left(i: u32, p: u32) -> vec4f {
  let at = min(i, shape.n - 1u) * shape.k + p;
  return vec4f(x[at], x[at + 1u], x[at + 2u], x[at + 3u]);
}

fn right(p: u32, j: u32) -> vec4f {
  let at = min(j, shape.m - 1u) * shape.k + p;
  return vec4f(w[at], w[at + 1u], w[at + 2u], w[at + 3u]);
}

fn store(value: vec4f, i: u32, j: u32) {
  if (i >= shape.n || j >= shape.m) { return; }
  var sums = value;
  if (shape.biased == 1u) {
    let at = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u));
    sums += vec4f(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
  }
  let tails = normalTails(sums);
  let gelu = sums * select(1.0 - tails, tails, sums < vec4f());
  for (var c = 0u; c < min(4u, shape.m - j); c++) { z[i * shape.m + j + c] = gelu[c]; }
}
