// z[b, :] = Σ_l exp(m_l − max m)·x[b, l, :] / Σ_l exp(m_l − max m), m = logits[b, :]: the tokens of a window weighed by the softmax of
// its mask. No weight is stored; the division is the last step.
// Sixteen columns of z per invocation, sums in ascending order of l. Columns beyond the end are the last one again, and not written.
// requires place
// requires exponential

struct Shape { parts: u32, l: u32, C: u32 }

const COLUMNS = 16u;

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let part = place(id, workgroups);
  if (part >= shape.parts) { return; }
  let across = (shape.C + COLUMNS - 1u) / COLUMNS;
  let first = part % across * COLUMNS;
  let b = part / across;
  let start = b * shape.l;
  var most = logits[start];
  for (var l = 1u; l < shape.l; l++) { most = max(most, logits[start + l]); }

  let columns = vec4u(first, first + 1u, first + 2u, first + 3u);
  let last = vec4u(shape.C - 1u);
  var total = 0.0;
  var sums = mat4x4f();
  for (var l = 0u; l < shape.l; l++) {
    let weight = exponential(logits[start + l] - most);
    total += weight;
    let token = vec4u((start + l) * shape.C);
    sums += weight * mat4x4f(
      tokens(token + min(columns, last)), tokens(token + min(columns + 4u, last)),
      tokens(token + min(columns + 8u, last)), tokens(token + min(columns + 12u, last)),
    );
  }
  for (var c = 0u; c < min(COLUMNS, shape.C - first); c++) {
    z[b * shape.C + first + c] = sums[c / 4u][c % 4u] / total;
  }
}

fn tokens(at: vec4u) -> vec4f {
  return vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
}
