// The place of a float32 in the order of all of them, from its bits: comparing these compares the numbers, subnormals too,
// which arithmetic may flush. Both zeros are 0. NaN has no place: it is 0 here.

fn ordered(bits: u32) -> i32 {
  let magnitude = i32(bits & 0x7fffffffu);
  if (magnitude > 0x7f800000) { return 0; }
  return select(magnitude, -magnitude, bits >> 31u == 1u);
}
