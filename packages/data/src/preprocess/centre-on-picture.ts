/**
 * Takes a picture's own mean out of it: one number for all of its channels, then divides each by its std.
 *
 *   value = (value − mean of all values) / std[channel], in float32
 *
 * @param planes - the channels of one picture, changed in place
 * @see guerzh/tf_weights myalexnet_forward.py: `im1 - mean(im1)`
 */
export function centreOnPicture(planes: readonly Float32Array[], std: readonly number[]): void {
  let sum = 0;
  let count = 0;
  for (const values of planes) {
    for (let i = 0; i < values.length; i++) sum += values[i] as number;
    count += values.length;
  }
  const mean = Math.fround(sum / count);
  for (const [channel, values] of planes.entries()) {
    const spread = Math.fround(std[channel] ?? 1);
    for (let i = 0; i < values.length; i++) {
      values[i] = Math.fround((values[i] as number) - mean) / spread;
    }
  }
}
