// y[r] = Σ x[r·n .. min((r + 1)·n, total)] / divisor: sums and means of rows, and partial sums of everything.
// One row per invocation, in ascending order, in four interleaved sums added at the end; the last n % 4 in the first of them.
// requires place

struct Shape { rows: u32, n: u32, total: u32, divisor: f32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let r = place(id, workgroups);
  if (r >= shape.rows) { return; }
  let end = min((r + 1u) * shape.n, shape.total);
  var i = r * shape.n;
  var sums = vec4f();
  for (; i + 3u < end; i += 4u) {
    sums += vec4f(x[i], x[i + 1u], x[i + 2u], x[i + 3u]);
  }
  for (; i < end; i++) { sums.x += x[i]; }
  y[r] = ((sums.x + sums.y) + (sums.z + sums.w)) / shape.divisor;
}
