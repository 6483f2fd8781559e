/** Wire types of the protobuf encoding; 3 and 4 are the ends of groups, which nobody writes any more. */
export const WireType = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  group: 3,
  groupEnd: 4,
  fixed32: 5,
} as const;
