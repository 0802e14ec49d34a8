// What a softmax needs to know of a row of n from `start` on, by a workgroup in two sweeps: its largest element, and Σ exp(x_i − largest).
// Sums: of every fourth of an invocation's elements in ascending order, then of four, then a tree over invocations.
// requires workgroup-reduce
// requires row-fours
// requires exponentials

struct Exponentials { most: f32, sum: f32 }

fn exponentialsOf(local: u32, start: u32, n: u32) -> Exponentials {
  var most4 = vec4f(element(start));
  for (var i = local; i < n; i += 4u * size) { most4 = max(most4, four(start, i, n)); }
  let most = workgroupMax(local, max(max(most4.x, most4.y), max(most4.z, most4.w)));
  var sums = vec4f();
  for (var i = local; i < n; i += 4u * size) {
    sums += exponentials(four(start, i, n) - most) * there(i, n);
  }
  return Exponentials(most, workgroupSum4(local, sums));
}
