// y[ys + Σ iₐ·yₐ] = x[xs + Σ iₐ·xₐ] over a box of five extents: exchanged axes, slices, parts of a concatenation.
// One element per invocation. Copied as bits: nothing is flushed.
// requires place

struct Shape {
  count: u32,
  // extents of the last four axes; the first follows from the count
  n1: u32, n2: u32, n3: u32, n4: u32,
  x_start: u32, x0: u32, x1: u32, x2: u32, x3: u32, x4: u32,
  y_start: u32, y0: u32, y1: u32, y2: u32, y3: u32, y4: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = place(id, workgroups);
  if (i >= shape.count) { return; }
  let i4 = i % shape.n4;
  let rest4 = i / shape.n4;
  let i3 = rest4 % shape.n3;
  let rest3 = rest4 / shape.n3;
  let i2 = rest3 % shape.n2;
  let rest2 = rest3 / shape.n2;
  let i1 = rest2 % shape.n1;
  let i0 = rest2 / shape.n1;
  let source = shape.x_start + i0 * shape.x0 + i1 * shape.x1 + i2 * shape.x2 + i3 * shape.x3 + i4 * shape.x4;
  let destination = shape.y_start + i0 * shape.y0 + i1 * shape.y1 + i2 * shape.y2 + i3 * shape.y3 + i4 * shape.y4;
  y[destination] = x[source];
}
