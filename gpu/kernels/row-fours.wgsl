// Rows of n by a workgroup: an invocation takes every size-th element, four at a time, so that neighbouring invocations read neighbouring
// elements and four reads are under way at once. i is the first of the four.
// requires workgroup-place

// The places of the four.
fn fourAt(i: u32) -> vec4u {
  return vec4u(i, i + size, i + 2u * size, i + 3u * size);
}

// 1 for those that there are, 0 for those beyond the end.
fn there(i: u32, n: u32) -> vec4f {
  return select(vec4f(), vec4f(1.0), fourAt(i) < vec4u(n));
}
