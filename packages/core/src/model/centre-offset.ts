/**
 * Where the middle part of a side begins, as torchvision's `CenterCrop` cuts: at round-half-to-even of the middle. Below
 * 0 where the part is longer than the side, the odd pixel behind.
 *
 * @see torchvision 0.29, `functional.center_crop`
 */
export function centreOffset(length: number, wanted: number): number {
  if (length < wanted) return -Math.floor((wanted - length) / 2);
  return roundHalfToEven((length - wanted) / 2);
}

/** Rounds halves to the even neighbour, as Python's `round`, which torchvision's crops go by. */
export function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
