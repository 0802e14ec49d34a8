// z = x ∘ y element by element; the operand whose shape is the shorter suffix is repeated: its index is taken modulo its
// size. ∘ by `operation`: 0 add, 1 subtract, 2 multiply, 3 weigh, which is x·y but 0 where x is, whatever y is.
// One element per invocation, one rounding.
// requires place

override operation: u32 = 0u;

struct Shape { count: u32, x_size: u32, y_size: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = place(id, workgroups);
  if (i >= shape.count) { return; }
  let a = x[i % shape.x_size];
  let b = y[i % shape.y_size];
  switch operation {
    case 0u: { z[i] = a + b; }
    case 1u: { z[i] = a - b; }
    case 2u: { z[i] = a * b; }
    default: {
      // by its bits: b may be infinite, and arithmetic that assumes it is not would not see the zero
      let nothing = (bitcast<u32>(a) & 0x7fffffffu) == 0u;
      if (nothing) { z[i] = 0.0; } else { z[i] = a * b; }
    }
  }
}
