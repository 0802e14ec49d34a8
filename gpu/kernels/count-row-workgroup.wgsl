// How many of `values[start]` … `values[end − 1]`, bits of floats that the kernel binds, have at least this place in the order of floats: by a workgroup, of
// which an invocation counts every size-th. All must come by, as at a barrier.
// requires workgroup-place
// requires ordered

var<workgroup> counted: atomic<u32>;
// which one this is, to be set before
var<private> invocation: u32;

fn countFrom(start: u32, end: u32, bound: i32) -> u32 {
  if (invocation == 0u) { atomicStore(&counted, 0u); }
  workgroupBarrier();
  var count = 0u;
  for (var e = start + invocation; e < end; e += size) { count += select(0u, 1u, ordered(values[e]) >= bound); }
  atomicAdd(&counted, count);
  return workgroupUniformLoad(&counted);
}
