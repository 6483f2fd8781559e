import type { Preprocessing } from '@alexnet/core';
import { describeError } from '../describe-error.ts';
import { find } from '../dom.ts';
import { readFilters } from '../filters/read-filters.ts';
import { createLatest } from '../latest.ts';
import { readModelBytes } from '../model-bytes.ts';
import type { ModelSource } from '../model-source.ts';
import { drawFilters, type Tile } from '../tile.ts';
import { clearError, showError } from './notice.ts';
import { createTileGrid } from './tile-grid.ts';

export interface FilterSubject {
  readonly source: ModelSource;
  readonly channels: Preprocessing['channels'];
}

/** Shows the first convolution's weights as pictures. */
export interface FilterPanel {
  /** Reads the model only while it is looked at. */
  show(isShown: boolean): void;
  use(subject: FilterSubject): void;
}

export function createFilterPanel(
  onOpen: (tiles: readonly Tile[], index: number) => void,
): FilterPanel {
  const summary = find('filter-summary', HTMLElement);
  const slot = find('filter-error', HTMLElement);
  const grid = createTileGrid(find('filter-grid', HTMLElement), onOpen);
  const latest = createLatest();
  let subject: FilterSubject | null = null;
  let isShown = false;
  let isDrawn = false;

  const update = async (): Promise<void> => {
    if (!isShown || isDrawn || subject === null) return;
    const { source, channels } = subject;
    clearError(slot);
    summary.textContent = 'Reading the weights …';
    try {
      const filters = await latest.run(async (signal) =>
        readFilters(await readModelBytes(source, signal), signal),
      );
      if (filters === null) return;
      const { name, shape, weights } = filters;
      const tiles = drawFilters(shape, weights, channels);
      const [count, depth, height, width] = shape;
      summary.textContent = `${name}: ${count} filters of ${height} × ${width}, ${depth === 3 ? 'in colour' : 'in grey'}`;
      grid.show(tiles, `Filters of ${name}`);
      isDrawn = true;
    } catch (error) {
      summary.textContent = '';
      showError(slot, describeError(error));
    }
  };
  return {
    show(shown) {
      isShown = shown;
      void update();
    },
    use(next) {
      latest.stop();
      subject = next;
      isDrawn = false;
      grid.clear();
      void update();
    },
  };
}
