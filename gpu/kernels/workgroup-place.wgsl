// The number of this workgroup among all of a dispatch, which may be laid out along two axes; and how many invocations it has.

override size: u32 = 64u;

fn workgroupPlace(id: vec3u, workgroups: vec3u) -> u32 {
  return id.x + id.y * workgroups.x;
}
