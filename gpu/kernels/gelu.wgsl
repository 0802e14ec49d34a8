// y = x·Φ(x), Φ(x) = ½·(1 + erf(x/√2)), from the tail of |x|: Φ(−|x|) = tail, Φ(|x|) = 1 − tail, so that negative x keep
// their digits. One element per invocation.
// requires place
// requires normal-tail

struct Shape { count: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = place(id, workgroups);
  if (i >= shape.count) { return; }
  let v = x[i];
  let tail = normalTail(v);
  y[i] = v * select(1.0 - tail, tail, v < 0.0);
}
