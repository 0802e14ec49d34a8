// z[b, r, s, :] = GELU(LN(y[b, r, s, :])), y[b, r, s, c] = Σ_u Σ_v x[b, r + u − (kh − 1)/2, s + v − (kw − 1)/2, c]·w[c, u, v], plus
// bias[c] where `biased`: a depthwise convolution, its norm over the channels with gain and shift, and its activation, what is outside the map not added.
// One place per invocation, which keeps y in its own row of z until the mean and the variance of it are known; sums in ascending
// order, rows of the kernel outermost, the bias last.
// requires place
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
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let at = place(id, workgroups);
  if (at >= shape.places) { return; }
  let s = i32(at % shape.W);
  let r = i32(at / shape.W % shape.H);
  let map = at / shape.W / shape.H * shape.H * shape.W;
  let row = at * shape.C;

  var sum = 0.0;
  for (var c = 0u; c < shape.C; c++) {
    let y = convolved(map, r, s, c);
    z[row + c] = y;
    sum += y;
  }
  let mu = sum / f32(shape.C);
  var squares = 0.0;
  for (var c = 0u; c < shape.C; c++) {
    let difference = z[row + c] - mu;
    squares += difference * difference;
  }
  let scale = inverseSqrt(squares / f32(shape.C) + shape.eps);
  for (var c = 0u; c < shape.C; c++) {
    let y = (z[row + c] - mu) * scale * gain[c] + shift[c];
    let tail = normalTail(y);
    z[row + c] = y * select(1.0 - tail, tail, y < 0.0);
  }
}
