// y[b, i, j, c] = the mean, or where `largest` the maximum, of x[b, r, s, c] over bin (i, j): rows [start, end), columns
// likewise. bins: start and end of each row bin, then of each column bin. One element per invocation, row-major order.
// requires place

override largest: bool = false;

struct Shape { count: u32, H: u32, W: u32, C: u32, rows: u32, columns: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> bins: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let out = place(id, workgroups);
  if (out >= shape.count) { return; }
  let c = out % shape.C;
  let j = out / shape.C % shape.columns;
  let i = out / shape.C / shape.columns % shape.rows;
  let b = out / shape.C / shape.columns / shape.rows;
  let top = bins[2u * i];
  let bottom = bins[2u * i + 1u];
  let left = bins[2u * (shape.rows + j)];
  let right = bins[2u * (shape.rows + j) + 1u];
  var sum = 0.0;
  var most = x[((b * shape.H + top) * shape.W + left) * shape.C + c];
  for (var r = top; r < bottom; r++) {
    for (var s = left; s < right; s++) {
      let value = x[((b * shape.H + r) * shape.W + s) * shape.C + c];
      sum += value;
      most = max(most, value);
    }
  }
  if (largest) { y[out] = most; } else { y[out] = sum / f32((bottom - top) * (right - left)); }
}
