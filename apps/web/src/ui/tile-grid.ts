import { make, putPixels } from '../dom.ts';
import type { Tile } from '../tile.ts';
import { moveIndex } from './move-index.ts';

/** Shows tiles in rows; each can be looked at by itself. */
export interface TileGrid {
  show(tiles: readonly Tile[], title: string): void;
  clear(): void;
}

/** Least width of a tile, in rem. */
const TILE_SIZES = { few: 3.75, many: 2.75 } as const;
const MANY = 64;

/**
 * One stop for the Tab key; the arrow keys move within.
 *
 * @param onOpen - a tile was pressed
 */
export function createTileGrid(
  slot: HTMLElement,
  onOpen: (tiles: readonly Tile[], index: number) => void,
): TileGrid {
  return {
    show(tiles, title) {
      const grid = make('div', { className: tiles.length === 1 ? 'tile-single' : 'tile-grid' });
      grid.setAttribute('role', 'group');
      grid.setAttribute('aria-label', title);
      const size = tiles.length > MANY ? TILE_SIZES.many : TILE_SIZES.few;
      grid.style.setProperty('--tile', `${size}rem`);
      const buttons = tiles.map((tile, index) => {
        const button = createTile(tile, index === 0);
        button.addEventListener('click', () => onOpen(tiles, index));
        return button;
      });
      grid.append(...buttons);
      grid.addEventListener('keydown', (event) => move(event, { grid, buttons }));
      slot.replaceChildren(grid);
    },
    clear() {
      slot.replaceChildren();
    },
  };
}

function createTile(tile: Tile, isFirst: boolean): HTMLButtonElement {
  const canvas = make('canvas');
  putPixels(canvas, new ImageData(tile.pixels, tile.width, tile.height));
  const button = make('button', { type: 'button', className: 'tile', title: tile.title }, [canvas]);
  button.setAttribute('aria-label', `${tile.title}, ${tile.note}`);
  button.tabIndex = isFirst ? 0 : -1;
  return button;
}

function move(
  event: KeyboardEvent,
  { grid, buttons }: { grid: HTMLElement; buttons: readonly HTMLButtonElement[] },
): void {
  const from = buttons.findIndex((button) => button.matches(':focus'));
  const columns = getComputedStyle(grid).gridTemplateColumns.split(' ').length;
  const to = moveIndex(event.key, { from, count: buttons.length, columns });
  const target = buttons[to ?? -1];
  if (!target) return;
  event.preventDefault();
  for (const button of buttons) button.tabIndex = button === target ? 0 : -1;
  target.focus();
}
