// y[b, r, s, o] = Σ_c Σ_u Σ_v x[b, r + u − (kh − 1)/2, s + v − (kw − 1)/2, g·q + c]·w[o, c, u, v], plus bias[o] where `biased`;
// g the group of channel o, q input channels in each; what is outside the map is not added.
// One element per invocation, rows of the kernel outermost, channels innermost, the bias last.
// requires place

struct Shape { count: u32, H: u32, W: u32, C: u32, o: u32, q: u32, kh: u32, kw: u32, o_in_group: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let out = place(id, workgroups);
  if (out >= shape.count) { return; }
  let o = out % shape.o;
  let s = i32(out / shape.o % shape.W);
  let r = i32(out / shape.o / shape.W % shape.H);
  let b = out / shape.o / shape.W / shape.H;
  let first = o / shape.o_in_group * shape.q;
  let taps = shape.kh * shape.kw;
  var sum = 0.0;
  for (var u = 0u; u < shape.kh; u++) {
    let row = r + i32(u) - i32(shape.kh / 2u);
    if (row < 0 || row >= i32(shape.H)) { continue; }
    for (var v = 0u; v < shape.kw; v++) {
      let column = s + i32(v) - i32(shape.kw / 2u);
      if (column < 0 || column >= i32(shape.W)) { continue; }
      var px = ((b * shape.H + u32(row)) * shape.W + u32(column)) * shape.C + first;
      var pw = o * shape.q * taps + u * shape.kw + v;
      for (var c = 0u; c < shape.q; c++) {
        sum += x[px] * w[pw];
        px++;
        pw += taps;
      }
    }
  }
  if (shape.biased == 1u) { sum += bias[o]; }
  y[out] = sum;
}
