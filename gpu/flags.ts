/** WebGPU's flag values, fixed by its specification; only browsers have them as globals. */
const MAP_READ_USAGE = 0x01
const COPY_SOURCE = 0x04
const COPY_DESTINATION = 0x08
const UNIFORM = 0x40
const STORAGE = 0x80

export const STORAGE_USAGE: number = STORAGE | COPY_DESTINATION | COPY_SOURCE
export const UNIFORM_USAGE: number = UNIFORM | COPY_DESTINATION
export const READBACK_USAGE: number = MAP_READ_USAGE | COPY_DESTINATION
export const MAP_READ: number = 0x01
export const COMPUTE_STAGE: number = 0x04
