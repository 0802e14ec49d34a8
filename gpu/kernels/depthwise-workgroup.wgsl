// y[b, r, s, c] = Σ_u Σ_v x[b, r + u − (kh − 1)/2, s + v − (kw − 1)/2, c]·w[c, u, v], plus bias[c] where `biased`: a convolution of each channel by itself; what is outside the
// map is not added. As `convolve.wgsl` with as many groups as channels, in the same order.
// Version 2, for GPUs: four neighbouring places of a channel per invocation, since weights lie apart for neighbouring channels: one is read for four places.
// requires place

struct Shape { parts: u32, H: u32, W: u32, C: u32, kh: u32, kw: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let part = place(id, workgroups);
  if (part >= shape.parts) { return; }
  let beside = (shape.W + 3u) / 4u;
  let c = part % shape.C;
  let s = i32(part / shape.C % beside * 4u);
  let r = i32(part / shape.C / beside % shape.H);
  let map = part / shape.C / beside / shape.H * shape.H;
  var sums = vec4f();
  for (var u = 0u; u < shape.kh; u++) {
    let row = r + i32(u) - i32(shape.kh / 2u);
    if (row < 0 || row >= i32(shape.H)) { continue; }
    let start = (map + u32(row)) * shape.W;
    for (var v = 0u; v < shape.kw; v++) {
      let columns = vec4i(s, s + 1, s + 2, s + 3) + i32(v) - i32(shape.kw / 2u);
      let within = vec4u(clamp(columns, vec4i(), vec4i(i32(shape.W) - 1)));
      let at = (start + within) * shape.C + c;
      let products = vec4f(x[at.x], x[at.y], x[at.z], x[at.w]) * w[(c * shape.kh + u) * shape.kw + v];
      sums = select(sums, sums + products, vec4u(columns) == within);
    }
  }
  if (shape.biased == 1u) { sums += bias[c]; }
  let out = ((map + u32(r)) * shape.W + u32(s)) * shape.C + c;
  for (var e = 0u; e < min(4u, shape.W - u32(s)); e++) { y[out + e * shape.C] = sums[e]; }
}
