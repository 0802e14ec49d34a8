// 16 rows by 16 columns of Σ_p x[i, p]·y[p, j] by one invocation, in sixteen pieces of four by four: of 128 numbers read come 1,024
// products, a quarter of what a tile of four by four reads. Nothing is shared, and no processor has so many registers; but where a read
// costs more than to put a sum aside, which is so on a GPU in software, it is worth it. Sums of four products at a time, in ascending order of p.
// Whoever requires this says what x and y are: left(i, p) is x at p … p + 3 of row i; right(p, j) is y at p … p + 3 of column j.

// columns of a matrix are rows of the tile: z12 has rows 4 … 7 by columns 8 … 11
struct Block {
  z00: mat4x4f, z01: mat4x4f, z02: mat4x4f, z03: mat4x4f,
  z10: mat4x4f, z11: mat4x4f, z12: mat4x4f, z13: mat4x4f,
  z20: mat4x4f, z21: mat4x4f, z22: mat4x4f, z23: mat4x4f,
  z30: mat4x4f, z31: mat4x4f, z32: mat4x4f, z33: mat4x4f,
}

// The tile from row i and column j on; k terms.
fn blockOf(i: u32, j: u32, k: u32) -> Block {
  var z: Block;
  for (var p = 0u; p < k; p += 4u) {
    let there = vec4u(p, p + 1u, p + 2u, p + 3u) < vec4u(k);
    let y0 = columnsOf(p, j, there);
    let y1 = columnsOf(p, j + 4u, there);
    let y2 = columnsOf(p, j + 8u, there);
    let y3 = columnsOf(p, j + 12u, there);
    let x0 = rowsOf(i, p, there);
    z.z00 += y0 * x0;
    z.z01 += y1 * x0;
    z.z02 += y2 * x0;
    z.z03 += y3 * x0;
    let x1 = rowsOf(i + 4u, p, there);
    z.z10 += y0 * x1;
    z.z11 += y1 * x1;
    z.z12 += y2 * x1;
    z.z13 += y3 * x1;
    let x2 = rowsOf(i + 8u, p, there);
    z.z20 += y0 * x2;
    z.z21 += y1 * x2;
    z.z22 += y2 * x2;
    z.z23 += y3 * x2;
    let x3 = rowsOf(i + 12u, p, there);
    z.z30 += y0 * x3;
    z.z31 += y1 * x3;
    z.z32 += y2 * x3;
    z.z33 += y3 * x3;
  }
  return z;
}

// Four terms of each of four rows, a column each; zeros from the end on.
fn rowsOf(i: u32, p: u32, there: vec4<bool>) -> mat4x4f {
  let zero = vec4f();
  return mat4x4f(
    select(zero, left(i, p), there), select(zero, left(i + 1u, p), there),
    select(zero, left(i + 2u, p), there), select(zero, left(i + 3u, p), there),
  );
}

// Four terms of each of four columns, a row each, so that this times four rows is what they add to four by four sums.
fn columnsOf(p: u32, j: u32, there: vec4<bool>) -> mat4x4f {
  let zero = vec4f();
  return transpose(mat4x4f(
    select(zero, right(p, j), there), select(zero, right(p, j + 1u), there),
    select(zero, right(p, j + 2u), there), select(zero, right(p, j + 3u), there),
  ));
}

// Has `store` keep four columns of each row of a tile from row i and column j on.
fn storeBlock(z: Block, i: u32, j: u32) {
  storeFours(z.z00, z.z01, z.z02, z.z03, i, j);
  storeFours(z.z10, z.z11, z.z12, z.z13, i + 4u, j);
  storeFours(z.z20, z.z21, z.z22, z.z23, i + 8u, j);
  storeFours(z.z30, z.z31, z.z32, z.z33, i + 12u, j);
}

fn storeFours(z0: mat4x4f, z1: mat4x4f, z2: mat4x4f, z3: mat4x4f, i: u32, j: u32) {
  for (var r = 0u; r < 4u; r++) {
    store(z0[r], i + r, j);
    store(z1[r], i + r, j + 4u);
    store(z2[r], i + r, j + 8u);
    store(z3[r], i + r, j + 12u);
  }
}
