// How many of `values[start]` … `values[end − 1]`, bits of floats that the kernel binds, have at least this place in the order of floats: by one invocation.
// requires ordered

fn countFrom(start: u32, end: u32, bound: i32) -> u32 {
  var count = 0u;
  for (var e = start; e < end; e++) { count += select(0u, 1u, ordered(values[e]) >= bound); }
  return count;
}
