/** Version of the runtime, the same as that of the toolchain that writes graph descriptors. */
export const version: string
