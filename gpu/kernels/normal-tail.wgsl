// The normal distribution beyond |x|: ½·erfc(|x|/√2) = exp(−x²/2)·t·p(t), t = 1/(1 + 0.35·|x|).
// p of degree 8, minimax in relative error over |x| ≤ 14, 3.2e-8 before rounding; beyond, the tail is 0 in float32.
// requires exponential

fn normalTail(x: f32) -> f32 {
  let z = min(abs(x), 16.0);
  let t = 1.0 / (1.0 + 0.35 * z);
  var p = -0.0291502215;
  p = p * t + 0.1439929307;
  p = p * t - 0.2557589412;
  p = p * t + 0.1592262238;
  p = p * t - 0.0231464636;
  p = p * t + 0.1055238843;
  p = p * t + 0.1198287383;
  p = p * t + 0.1398624480;
  p = p * t + 0.1396213770;
  return exponential(-0.5 * z * z) * (t * p);
}
