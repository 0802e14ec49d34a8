// One number of each invocation of a workgroup brought together, for all of them: a tree in workgroup memory, in which each step adds the upper half of what is
// left to the lower. Any number of invocations. All must come by, as at a barrier.
// requires workgroup-place

var<workgroup> partial: array<f32, size>;

fn workgroupSum(local: u32, value: f32) -> f32 {
  partial[local] = value;
  for (var count = size; count > 1u; count = (count + 1u) / 2u) {
    workgroupBarrier();
    let other = local + (count + 1u) / 2u;
    if (other < count) { partial[local] += partial[other]; }
  }
  return workgroupUniformLoad(&partial[0]);
}

fn workgroupMax(local: u32, value: f32) -> f32 {
  partial[local] = value;
  for (var count = size; count > 1u; count = (count + 1u) / 2u) {
    workgroupBarrier();
    let other = local + (count + 1u) / 2u;
    if (other < count) { partial[local] = max(partial[local], partial[other]); }
  }
  return workgroupUniformLoad(&partial[0]);
}

// The sum of four numbers of each invocation.
fn workgroupSum4(local: u32, value: vec4f) -> f32 {
  return workgroupSum(local, (value.x + value.y) + (value.z + value.w));
}
