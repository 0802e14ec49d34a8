// Σ_u Σ_v x[r + u − (kh − 1)/2, s + v − (kw − 1)/2, c]·w[c, u, v] at one place of the map that begins with place `map` of x, plus bias[c] where `biased`; what is outside
// the map is not added. In ascending order, rows of the kernel outermost, the bias last.
// Whoever requires this has x, w, bias and the shape.

fn convolved(map: u32, r: i32, s: i32, c: u32) -> f32 {
  var sum = 0.0;
  for (var u = 0u; u < shape.kh; u++) {
    let y = r + i32(u) - i32(shape.kh / 2u);
    if (y < 0 || y >= i32(shape.H)) { continue; }
    for (var v = 0u; v < shape.kw; v++) {
      let x_at = s + i32(v) - i32(shape.kw / 2u);
      if (x_at < 0 || x_at >= i32(shape.W)) { continue; }
      sum += x[(map + u32(y) * shape.W + u32(x_at)) * shape.C + c] * w[(c * shape.kh + u) * shape.kw + v];
    }
  }
  if (shape.biased == 1u) { sum += bias[c]; }
  return sum;
}
