// z[b, :] = Σ_l exp(m_l − max m)·x[b, l, :] / Σ_l exp(m_l − max m), m = logits[b, :]: the tokens of a window weighed by the softmax of
// its mask. No weight is stored but in workgroup memory; the division is the last step.
// Version 2, for GPUs: a window and four columns of z per invocation by a workgroup; wider z in parts. Weights are computed once a part, as many at a time as there are
// invocations. Sums over l in ascending order, that of the weights as in `row-exponentials.wgsl`.
// requires row-exponentials

struct Shape { parts: u32, l: u32, C: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> z: array<f32>;

var<workgroup> weights: array<f32, size>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let part = workgroupPlace(id, workgroups);
  if (part >= shape.parts) { return; }
  let across = (shape.C + 4u * size - 1u) / (4u * size);
  let b = part / across;
  let start = b * shape.l;
  let of_row = exponentialsOf(local, start, shape.l);

  let columns = fourAt(part % across * 4u * size + local);
  let within = min(columns, vec4u(shape.C - 1u));
  var sums = vec4f();
  for (var first = 0u; first < shape.l; first += size) {
    let token = start + first + local;
    workgroupBarrier();
    if (first + local < shape.l) { weights[local] = exponential(logits[token] - of_row.most); }
    workgroupBarrier();
    for (var e = 0u; e < min(size, shape.l - first); e++) {
      let at = (start + first + e) * shape.C + within;
      sums += weights[e] * vec4f(x[at.x], x[at.y], x[at.z], x[at.w]);
    }
  }
  for (var c = 0u; c < 4u; c++) {
    if (columns[c] < shape.C) { z[b * shape.C + columns[c]] = sums[c] / of_row.sum; }
  }
}

fn element(at: u32) -> f32 {
  return logits[at];
}
