// windows[b, i·columns + j, r, s, c] = x[b, row_i + r, column_j + s, c]: the windows of a map, in row-major order.
// starts: row_0 … row_(rows − 1), column_0 … One element per invocation, copied as bits.
// requires place

struct Shape { count: u32, H: u32, W: u32, C: u32, rows: u32, columns: u32, height: u32, width: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read> starts: array<u32>;
@group(0) @binding(3) var<storage, read_write> windows: array<u32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = place(id, workgroups);
  if (i >= shape.count) { return; }
  let c = i % shape.C;
  var rest = i / shape.C;
  let s = rest % shape.width;
  rest /= shape.width;
  let r = rest % shape.height;
  rest /= shape.height;
  let column = starts[shape.rows + rest % shape.columns] + s;
  rest /= shape.columns;
  let row = starts[rest % shape.rows] + r;
  let b = rest / shape.rows;
  windows[i] = x[((b * shape.H + row) * shape.W + column) * shape.C + c];
}
