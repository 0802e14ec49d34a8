// exp of four numbers at once, step by step as `exponential` does it for one.
// requires exponential

fn exponentials(x: vec4f) -> vec4f {
  let bounded = clamp(x, vec4f(-104.0), vec4f(89.0));
  let k = round(bounded * LOG2_E);
  let r = (bounded - k * LN2_HIGH) - k * LN2_LOW;
  var q = vec4f(0.0013952970);
  q = q * r + 0.0083703212;
  q = q * r + 0.0416661687;
  q = q * r + 0.1666650623;
  q = q * r + 0.5;
  let p = 1.0 + (r + r * r * q);
  let half = vec4i(k) / 2;
  return p * powersOfTwo(half) * powersOfTwo(vec4i(k) - half);
}

fn powersOfTwo(k: vec4i) -> vec4f {
  return bitcast<vec4f>(vec4u(k + 127) << vec4u(23u));
}
