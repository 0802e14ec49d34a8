const view = new Float64Array(1)
const bits = new Uint32Array(view.buffer)

/** How many of the numbers `x[index]` differ; 0 and −0 do not. */
export function countDistinct(x: Float64Array, index: Int32Array): number {
  // open addressing, at most half full; a slot holds 1 + the first place of its value, 0 where it is free
  const mask = 2 ** Math.ceil(Math.log2(2 * index.length + 2)) - 1
  const slots = new Int32Array(mask + 1)
  let count = 0
  for (let at = 0; at < index.length; at++) {
    const value = x[index[at]]
    let slot = hashOf(value) & mask
    while (slots[slot] !== 0 && x[slots[slot] - 1] !== value) slot = (slot + 1) & mask
    if (slots[slot] !== 0) continue
    slots[slot] = index[at] + 1
    count++
  }
  return count
}

function hashOf(value: number): number {
  // −0 + 0 is 0: equal numbers have one hash
  view[0] = value + 0
  // the finaliser "lowbias32" (Wellons, "Prospecting for hash functions", 2018)
  let h = bits[0] ^ Math.imul(bits[1], 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return h ^ (h >>> 15)
}
