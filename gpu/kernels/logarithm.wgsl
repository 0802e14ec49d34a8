// log(x) = e·ln 2 + log(m), x = m·2^e, m in [√½, √2), for x positive and normal.
// log(1 + f) = f − f²/2 + f³·p(f), f = m − 1, p of degree 7, minimax in relative error: 6e-9 before rounding.
// ln 2 is written as float32 has it: e times the error of another rounding would be seen.

fn logarithm(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  // 0x3f3504f3 is √½: the exponent counted from there
  let e = i32(bits - 0x3f3504f3u) >> 23u;
  let f = bitcast<f32>(bits - (u32(e) << 23u)) - 1.0;
  var p = -0.0764603764;
  p = p * f + 0.1277908832;
  p = p * f - 0.1316419840;
  p = p * f + 0.1419969946;
  p = p * f - 0.1662276387;
  p = p * f + 0.2000129223;
  p = p * f - 0.2500083745;
  p = p * f + 0.3333333135;
  return f32(e) * 0.693147182464599609375 + (f + f * f * (p * f - 0.5));
}
