import type { Picture } from '../picture/picture.ts';

/** Pixels between pictures, and around them all. */
const GAP = 4;
/** A grey that no picture is lost against. */
const BACKGROUND = 128;

/**
 * One picture of many, in rows. Cells are as large as the largest picture; smaller ones stand at the upper
 * left of theirs.
 */
export function createContactSheet(rows: readonly (readonly Picture[])[]): Picture {
  const all = rows.flat();
  const cellWidth = Math.max(1, ...all.map(({ width }) => width));
  const cellHeight = Math.max(1, ...all.map(({ height }) => height));
  const columns = Math.max(1, ...rows.map(({ length }) => length));
  const width = GAP + columns * (cellWidth + GAP);
  const height = GAP + Math.max(1, rows.length) * (cellHeight + GAP);
  const pixels = new Uint8Array(width * height * 3).fill(BACKGROUND);
  for (const [row, pictures] of rows.entries()) {
    for (const [column, picture] of pictures.entries()) {
      const left = GAP + column * (cellWidth + GAP);
      const top = GAP + row * (cellHeight + GAP);
      paste(picture, { pixels, width, left, top });
    }
  }
  return { width, height, channels: 3, pixels };
}

function paste(
  picture: Picture,
  sheet: {
    readonly pixels: Uint8Array;
    readonly width: number;
    readonly left: number;
    readonly top: number;
  },
): void {
  for (let y = 0; y < picture.height; y++) {
    let to = ((sheet.top + y) * sheet.width + sheet.left) * 3;
    for (let x = 0; x < picture.width; x++) {
      const from = (y * picture.width + x) * picture.channels;
      for (let c = 0; c < 3; c++) {
        sheet.pixels[to++] = picture.pixels[picture.channels === 1 ? from : from + c] ?? 0;
      }
    }
  }
}
