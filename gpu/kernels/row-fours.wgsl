// Rows of n by a workgroup: an invocation takes every size-th element, four at a time, so that neighbouring invocations read neighbouring
// elements and four reads are under way at once. i is the first of the four.
// Whoever requires this says what an element is: element(at), counted from the first of the first row.
// requires workgroup-place

// The places of the four.
fn fourAt(i: u32) -> vec4u {
  return vec4u(i, i + size, i + 2u * size, i + 3u * size);
}

// The four of the row from `start` on; beyond the end the last element again.
fn four(start: u32, i: u32, n: u32) -> vec4f {
  let at = start + min(fourAt(i), vec4u(n - 1u));
  return vec4f(element(at.x), element(at.y), element(at.z), element(at.w));
}

// 1 for those that there are, 0 for those beyond the end.
fn there(i: u32, n: u32) -> vec4f {
  return select(vec4f(), vec4f(1.0), fourAt(i) < vec4u(n));
}
