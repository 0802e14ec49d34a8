// A tile of 8·down rows by 8·across columns of Σ_p x[i, p]·y[p, j] by one workgroup of down × across invocations, 8 × 8 of it each, in registers.
// 16 terms at a time of x and of y are brought to workgroup memory, each by one invocation, and read there by all that need them: of 16 numbers read from
// there come 64 products, and a number is read from the device's memory once a tile. Every element is one sum in ascending order of p, whatever the tile.
// An invocation has two groups of four neighbouring rows, half a tile apart, and likewise columns: so neighbouring invocations read neighbouring vectors,
// which lie in different banks.
// Whoever requires this says what x and y are, 0 from the end of p on: left(i, p) is x at p … p + 3 of row i; right(p, j) is y at p … p + 3 of column j where
// `transposed`, else at row p, columns j … j + 3. p is a multiple of four.

override across: u32 = 8u;
override down: u32 = 8u;
override transposed: bool = false;

const SLAB = 16u;

// columns of the four matrices are rows of the tile: the first or second four rows by the first or second four columns
struct Tile { z00: mat4x4f, z01: mat4x4f, z10: mat4x4f, z11: mat4x4f }

// four rows of x, or four columns of y, at one p
var<workgroup> xs: array<vec4f, SLAB * 2u * down>;
var<workgroup> ys: array<vec4f, SLAB * 2u * across>;

// The part of this invocation, `local` in its workgroup, of the tile from row i and column j on; k terms.
fn tileOf(local: u32, i: u32, j: u32, k: u32) -> Tile {
  let here = vec2u(local % across, local / across);
  var z00 = mat4x4f();
  var z01 = mat4x4f();
  var z10 = mat4x4f();
  var z11 = mat4x4f();
  for (var p = 0u; p < k; p += SLAB) {
    for (var block = local; block < SLAB / 4u * 2u * down; block += size) {
      let group = block % (2u * down);
      let first = block / (2u * down) * 4u;
      let row = i + 4u * group;
      var rows: mat4x4f;
      for (var r = 0u; r < 4u; r++) { rows[r] = left(row + r, p + first); }
      let x4 = transpose(rows);
      let at = first * 2u * down + group;
      xs[at] = x4[0];
      xs[at + 2u * down] = x4[1];
      xs[at + 4u * down] = x4[2];
      xs[at + 6u * down] = x4[3];
    }
    if (transposed) {
      // whoever has not brought x, where not all are needed for it
      for (var block = (local + size / 2u) % size; block < SLAB / 4u * 2u * across; block += size) {
        let group = block % (2u * across);
        let first = block / (2u * across) * 4u;
        let column = j + 4u * group;
        var columns: mat4x4f;
        for (var c = 0u; c < 4u; c++) { columns[c] = right(p + first, column + c); }
        let y4 = transpose(columns);
        let at = first * 2u * across + group;
        ys[at] = y4[0];
        ys[at + 2u * across] = y4[1];
        ys[at + 4u * across] = y4[2];
        ys[at + 6u * across] = y4[3];
      }
    } else {
      for (var at = local; at < SLAB * 2u * across; at += size) {
        ys[at] = right(p + at / (2u * across), j + at % (2u * across) * 4u);
      }
    }
    workgroupBarrier();
    for (var s = 0u; s < SLAB; s++) {
      let x0 = xs[s * 2u * down + here.y];
      let x1 = xs[s * 2u * down + down + here.y];
      let y0 = ys[s * 2u * across + here.x];
      let y1 = ys[s * 2u * across + across + here.x];
      z00 = added(z00, x0, y0);
      z01 = added(z01, x0, y1);
      z10 = added(z10, x1, y0);
      z11 = added(z11, x1, y1);
    }
    workgroupBarrier();
  }
  return Tile(z00, z01, z10, z11);
}

// Four rows by four columns with the products of `x` and `y` added.
fn added(z: mat4x4f, x: vec4f, y: vec4f) -> mat4x4f {
  return mat4x4f(z[0] + x.x * y, z[1] + x.y * y, z[2] + x.z * y, z[3] + x.w * y);
}

// Has `store` keep four columns of each row of a tile from row i and column j on.
fn storeTile(z: Tile, local: u32, i: u32, j: u32) {
  let row = i + 4u * (local / across);
  let column = j + 4u * (local % across);
  storeRows(z.z00, row, column);
  storeRows(z.z01, row, column + 4u * across);
  storeRows(z.z10, row + 4u * down, column);
  storeRows(z.z11, row + 4u * down, column + 4u * across);
}

fn storeRows(z: mat4x4f, i: u32, j: u32) {
  for (var r = 0u; r < 4u; r++) { store(z[r], i + r, j); }
}
