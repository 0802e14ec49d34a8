// The tails of four numbers at once, step by step as `normalTail` computes that of one.
// requires exponentials

fn normalTails(x: vec4f) -> vec4f {
  let z = min(abs(x), vec4f(16.0));
  let t = 1.0 / (1.0 + 0.35 * z);
  var p = vec4f(-0.0291502215);
  p = p * t + 0.1439929307;
  p = p * t - 0.2557589412;
  p = p * t + 0.1592262238;
  p = p * t - 0.0231464636;
  p = p * t + 0.1055238843;
  p = p * t + 0.1198287383;
  p = p * t + 0.1398624480;
  p = p * t + 0.1396213770;
  return exponentials(-0.5 * z * z) * (t * p);
}
