import { find, putPixels } from '../dom.ts';
import type { Tile } from '../tile.ts';

/** Shows one tile of several, large. */
export interface Zoom {
  open(tiles: readonly Tile[], index: number): void;
}

export function createZoom(): Zoom {
  const dialog = find('zoom', HTMLDialogElement);
  const title = find('zoom-title', HTMLElement);
  const note = find('zoom-note', HTMLElement);
  const canvas = find('zoom-canvas', HTMLCanvasElement);
  const previous = find('zoom-previous', HTMLButtonElement);
  const next = find('zoom-next', HTMLButtonElement);
  let tiles: readonly Tile[] = [];
  let index = 0;

  const show = (wanted: number): void => {
    const tile = tiles[wanted];
    if (!tile) return;
    index = wanted;
    title.textContent = tile.title;
    note.textContent = `${tile.height} × ${tile.width}, ${tile.note}`;
    putPixels(canvas, new ImageData(tile.pixels, tile.width, tile.height));
    previous.disabled = index === 0;
    next.disabled = index === tiles.length - 1;
  };
  previous.addEventListener('click', () => show(index - 1));
  next.addEventListener('click', () => show(index + 1));
  dialog.addEventListener('keydown', ({ key }) => {
    if (key === 'ArrowLeft') show(index - 1);
    if (key === 'ArrowRight') show(index + 1);
  });
  find('zoom-close', HTMLButtonElement).addEventListener('click', () => dialog.close());
  // A click beside the dialog lands on the dialog itself: its content fills it.
  dialog.addEventListener('click', ({ target, clientX, clientY }) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const isInside = clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
    if (target === dialog && !isInside) dialog.close();
  });
  return {
    open(given, wanted) {
      tiles = given;
      show(wanted);
      dialog.showModal();
    },
  };
}
