// z[i, j] = f(Σ_p x̂[i, p]·w[j, p] + bias[j]), the bias where `biased`; f is GELU where `gelu`, else nothing. x̂ = x; or where `normalised`
// x̂ = (x[i, p] − μ_i)·r_i·gain[p] + shift[p], the LayerNorm of row i, whose μ and r = 1/√(σ² + eps) `row-statistics-workgroup.wgsl` left in `statistics`.
// For GPUs: a tile of z per workgroup, as `register-tiles.wgsl` says; a row is normalised on its way to workgroup memory, once for every tile beside it, and
// neither the norm nor what GELU is taken of is stored. In ascending order of p, the bias last.
// Rows and columns beyond the end are the last ones again and not written, terms beyond the end are zeros.
// requires workgroup-place
// requires register-tiles
// requires normal-tails

override normalised: bool = false;
override gelu: bool = false;
// Where rows of x and w are whole vectors of four, they are read as such.
override fours: bool = false;

struct Shape { tiles: u32, n: u32, k: u32, m: u32, biased: u32 }

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> statistics: array<vec2f>;
@group(0) @binding(3) var<storage, read> gain: array<vec4f>;
@group(0) @binding(4) var<storage, read> shift: array<vec4f>;
@group(0) @binding(5) var<storage, read> w: array<vec4f>;
@group(0) @binding(6) var<storage, read> bias: array<f32>;
@group(0) @binding(7) var<storage, read_write> z: array<f32>;

@compute @workgroup_size(size)
fn main(
  @builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let tile = workgroupPlace(id, workgroups);
  if (tile >= shape.tiles) { return; }
  let beside = (shape.m + 8u * across - 1u) / (8u * across);
  let j = tile % beside * 8u * across;
  let i = tile / beside * 8u * down;
  storeTile(tileOf(local, i, j, shape.k), local, i, j);
}

fn left(i: u32, p: u32) -> vec4f {
  let row = min(i, shape.n - 1u);
  let at = row * shape.k + p;
  var four: vec4f;
  if (fours) { four = x[at / 4u]; } else { four = vec4f(xAt(at), xAt(at + 1u), xAt(at + 2u), xAt(at + 3u)); }
  if (normalised) {
    // gain and shift begin with whole vectors, however long a row is
    let moments = statistics[row];
    four = (four - moments.x) * moments.y * gain[p / 4u] + shift[p / 4u];
  }
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.k));
}

fn right(p: u32, j: u32) -> vec4f {
  let at = min(j, shape.m - 1u) * shape.k + p;
  if (fours) { return select(vec4f(), w[at / 4u], p < shape.k); }
  let four = vec4f(wAt(at), wAt(at + 1u), wAt(at + 2u), wAt(at + 3u));
  return select(vec4f(), four, vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(shape.k));
}

fn xAt(at: u32) -> f32 {
  return x[at / 4u][at % 4u];
}

fn wAt(at: u32) -> f32 {
  return w[at / 4u][at % 4u];
}

fn store(value: vec4f, i: u32, j: u32) {
  if (i >= shape.n || j >= shape.m) { return; }
  var sums = value;
  if (shape.biased == 1u) {
    let at = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(shape.m - 1u));
    sums += vec4f(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
  }
  if (gelu) {
    let tails = normalTails(sums);
    sums *= select(1.0 - tails, tails, sums < vec4f());
  }
  for (var c = 0u; c < min(4u, shape.m - j); c++) { z[i * shape.m + j + c] = sums[c]; }
}
