// The columns and values of each row of x [rows, m] that are held, in ascending order, and how many:
// columns[row·m + e], values[row·m + e], e < counts[row]. Held, by `rule`: 0 what is not zero, 1 what is above the limit, 2
// what is above it in magnitude. Compared by bits, so that a subnormal is not zero.
// Version 2, for GPUs: a workgroup per row, a column an invocation; the place of an entry is how many are held before it.
// requires workgroup-ranks
// requires ordered

override rule: u32 = 0u;

struct Shape { rows: u32, m: u32, limit: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<u32>;
@group(0) @binding(2) var<storage, read_write> counts: array<u32>;
@group(0) @binding(3) var<storage, read_write> columns: array<u32>;
@group(0) @binding(4) var<storage, read_write> values: array<u32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = workgroupPlace(id, workgroups);
  if (row >= shape.rows) { return; }
  let start = row * shape.m;
  let limit = ordered(shape.limit);
  var count = 0u;
  for (var first = 0u; first < shape.m; first += size) {
    let column = first + local;
    let bits = x[start + min(column, shape.m - 1u)];
    var held = (bits & 0x7fffffffu) != 0u;
    if (rule == 1u) { held = ordered(bits) > limit; }
    if (rule == 2u) { held = ordered(bits & 0x7fffffffu) > limit; }
    held = held && column < shape.m;
    let ranks = workgroupRanks(local, vec2<bool>(held, false));
    if (held) {
      columns[start + count + ranks.before.x] = column;
      values[start + count + ranks.before.x] = bits;
    }
    count += ranks.all.x;
  }
  if (local == 0u) { counts[row] = count; }
}
