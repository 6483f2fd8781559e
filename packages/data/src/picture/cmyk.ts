/**
 * CMYK pixels as RGB, without colour profiles, bit for bit as Pillow's `convert('RGB')`.
 *
 * Shape: [n, 4] → [n, 3]
 *
 * @see Pillow 13, src/libImaging/Convert.c: `cmyk2rgb`
 */
export function convertCmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const light = 255 - (cmyk[from + 3] ?? 0);
    for (let channel = 0; channel < 3; channel++) {
      rgb[to + channel] = light - multiplyShares(cmyk[from + channel] ?? 0, light);
    }
  }
  return rgb;
}

/** a · b / 255, rounded, of bytes that stand for 0 … 1. */
function multiplyShares(a: number, b: number): number {
  const product = a * b + 128;
  return (product + (product >> 8)) >> 8;
}
