// z[b, r, s, :] = GELU(LN(y[b, r, s, :])), y[b, r, s, c] = Σ_u Σ_v x[b, r + u − (kh − 1)/2, s + v − (kw − 1)/2, c]·w[c, u, v], plus
// bias[c] where `biased`: a depthwise convolution, its norm over the channels with gain and shift, and its activation, what is outside the map not added.
// Version 2, for GPUs: a place per workgroup, every size-th channel an invocation, so that neighbours read neighbouring channels. y is kept in its own row of z until
// μ and σ² of it are known, as in `row-moments.wgsl`. Sums over the kernel as in `depthwise-place.wgsl`.
// requires row-moments
// requires depthwise-place
// requires normal-tail

struct Shape { places: u32, H: u32, W: u32, C: u32, kh: u32, kw: u32, biased: u32, eps: f32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> gain: array<f32>;
@group(0) @binding(5) var<storage, read> shift: array<f32>;
@group(0) @binding(6) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let at = workgroupPlace(id, workgroups);
  if (at >= shape.places) { return; }
  let s = i32(at % shape.W);
  let r = i32(at / shape.W % shape.H);
  let map = at / shape.W / shape.H * shape.H * shape.W;
  let row = at * shape.C;
  for (var c = local; c < shape.C; c += size) { z[row + c] = convolved(map, r, s, c); }
  // an invocation reads its own channels, and the last
  storageBarrier();
  let moments = momentsOf(local, row, shape.C, shape.eps);
  for (var c = local; c < shape.C; c += size) {
    let y = (z[row + c] - moments.x) * moments.y * gain[c] + shift[c];
    let tail = normalTail(y);
    z[row + c] = y * select(1.0 - tail, tail, y < 0.0);
  }
}

fn element(at: u32) -> f32 {
  return z[at];
}
