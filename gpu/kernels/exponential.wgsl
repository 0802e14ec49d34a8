// exp(x) = 2^k · exp(r), k = round(x / ln 2), r = x − k·ln 2 in [−ln 2 / 2, ln 2 / 2].
// exp(r) = 1 + r + r²·q(r), q of degree 4, minimax in relative error: 3.6e-9 before rounding.
// ln 2 is split so that k·LN2_HIGH is exact; an implementation that reassociates makes an error of |x|·2⁻²⁴,
// which is inside WGSL's own allowance for exp, (3 + 2·|x|) ULP. Below −104 the result is 0, above 89 infinite.

const LN2_HIGH = 0.693145751953125;
const LN2_LOW = 1.428606765330187e-06;
const LOG2_E = 1.44269504;

fn exponential(x: f32) -> f32 {
  let bounded = clamp(x, -104.0, 89.0);
  let k = round(bounded * LOG2_E);
  let r = (bounded - k * LN2_HIGH) - k * LN2_LOW;
  var q = 0.0013952970;
  q = q * r + 0.0083703212;
  q = q * r + 0.0416661687;
  q = q * r + 0.1666650623;
  q = q * r + 0.5;
  let p = 1.0 + (r + r * r * q);
  // 2^k in two factors, since k may be beyond the exponents there are
  let half = i32(k) / 2;
  return p * powerOfTwo(half) * powerOfTwo(i32(k) - half);
}

fn powerOfTwo(k: i32) -> f32 {
  return bitcast<f32>(u32(k + 127) << 23u);
}
