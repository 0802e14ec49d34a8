// Σ_p q[at + p]·k[other + p] over d terms, of a row of q and a row of k, in four interleaved sums added at the end: by one invocation.
// Whoever requires this binds q and k as vectors of four.

// Where rows are whole vectors of four, they are read as such.
override d_fours: bool = false;

fn rowProduct(at: u32, other: u32, d: u32) -> f32 {
  var sums = vec4f();
  for (var p = 0u; p < d; p += 4u) {
    if (d_fours) {
      sums += q[(at + p) / 4u] * k[(other + p) / 4u];
    } else {
      for (var c = 0u; c < min(4u, d - p); c++) {
        let x = at + p + c;
        let y = other + p + c;
        sums[c] += q[x / 4u][x % 4u] * k[y / 4u][y % 4u];
      }
    }
  }
  return (sums.x + sums.y) + (sums.z + sums.w);
}
