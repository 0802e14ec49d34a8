// μ and 1/√(σ² + eps) of a row of n from `start` on, σ² biased, by a workgroup in two sweeps: first μ, then Σ(x_i − μ)².
// Sums: of every fourth of an invocation's elements in ascending order, then of four, then a tree over invocations.
// requires workgroup-reduce
// requires row-fours

fn momentsOf(local: u32, start: u32, n: u32, eps: f32) -> vec2f {
  var sums = vec4f();
  for (var i = local; i < n; i += 4u * size) { sums += four(start, i, n) * there(i, n); }
  let mu = workgroupSum4(local, sums) / f32(n);
  var squares = vec4f();
  for (var i = local; i < n; i += 4u * size) {
    let d = (four(start, i, n) - mu) * there(i, n);
    squares += d * d;
  }
  return vec2f(mu, inverseSqrt(workgroupSum4(local, squares) / f32(n) + eps));
}
