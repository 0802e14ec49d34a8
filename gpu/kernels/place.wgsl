// The number of this invocation among all of a dispatch, whose workgroups may be laid out along two axes.

override size: u32 = 64u;

fn place(id: vec3u, workgroups: vec3u) -> u32 {
  return id.x + id.y * workgroups.x * size;
}
