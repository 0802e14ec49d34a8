// Of two things that an invocation may have or not, how many invocations before it have each, and how many of all: marks in workgroup memory, a bit an
// invocation. Any number of invocations. All must come by, as at a barrier.
// requires workgroup-place

struct Ranks { before: vec2u, all: vec2u }

// two to each 32 invocations
var<workgroup> marks: array<atomic<u32>, 2u * ((size + 31u) / 32u)>;

fn workgroupRanks(local: u32, has: vec2<bool>) -> Ranks {
  let words = (size + 31u) / 32u;
  // whoever still reads those of the last time
  workgroupBarrier();
  for (var word = local; word < 2u * words; word += size) { atomicStore(&marks[word], 0u); }
  workgroupBarrier();
  let bit = 1u << (local % 32u);
  if (has.x) { atomicOr(&marks[2u * (local / 32u)], bit); }
  if (has.y) { atomicOr(&marks[2u * (local / 32u) + 1u], bit); }
  workgroupBarrier();
  var ranks = Ranks();
  for (var word = 0u; word < words; word++) {
    let here = vec2u(atomicLoad(&marks[2u * word]), atomicLoad(&marks[2u * word + 1u]));
    ranks.all += countOneBits(here);
    // all of the words before its own, and the lower bits of its own
    let lower = select(0u, select(bit - 1u, 0xffffffffu, word < local / 32u), word <= local / 32u);
    ranks.before += countOneBits(here & vec2u(lower));
  }
  return ranks;
}
