import type { Classifier, ClassifierInfo } from '@alexnet/runtime';
import { describeError } from '../describe-error.ts';
import { find, make } from '../dom.ts';
import { createLatest } from '../latest.ts';
import type { StillPicture } from '../still-picture.ts';
import { drawFeatures, type Tile } from '../tile.ts';
import { clearError, showError } from './notice.ts';
import { createTileGrid } from './tile-grid.ts';

export interface FeaturePanelOptions {
  /** The present model with its layers; `null` if there is none. */
  readonly openLayers: () => Promise<Classifier<StillPicture['source']> | null>;
  readonly onOpen: (tiles: readonly Tile[], index: number) => void;
}

/** Shows what a layer answers to the picture. */
export interface FeaturePanel {
  /** Works only while it is looked at: other layers cost time and memory. */
  show(isShown: boolean): void;
  use(picture: StillPicture | null): void;
  /** Another model came. */
  reset(): void;
}

export function createFeaturePanel({ openLayers, onOpen }: FeaturePanelOptions): FeaturePanel {
  const select = find('feature-layer', HTMLSelectElement);
  const summary = find('feature-summary', HTMLElement);
  const slot = find('feature-error', HTMLElement);
  const grid = createTileGrid(find('feature-grid', HTMLElement), onOpen);
  const latest = createLatest();
  let picture: StillPicture | null = null;
  let isShown = false;

  const draw = async (source: StillPicture['source'], signal: AbortSignal): Promise<void> => {
    const classifier = await openLayers();
    if (classifier === null || signal.aborted) return;
    listLayers(select, classifier.info);
    const layer = select.value;
    const [tensor] = await classifier.features(layer, [source], { signal });
    if (tensor === undefined || signal.aborted) return;
    const tiles = drawFeatures(tensor.shape, tensor.data);
    summary.textContent = `${layer}: ${tensor.shape.join(' × ')}`;
    grid.show(tiles, `Feature maps of ${layer}`);
  };
  const update = async (): Promise<void> => {
    if (!isShown) return;
    clearError(slot);
    if (picture === null) {
      summary.textContent = 'Give a picture first.';
      return;
    }
    const { source } = picture;
    if (select.options.length === 0) summary.textContent = 'Opening the layers …';
    try {
      await latest.run((signal) => draw(source, signal));
    } catch (error) {
      summary.textContent = '';
      showError(slot, describeError(error));
    }
  };
  select.addEventListener('change', update);
  return {
    show(shown) {
      isShown = shown;
      void update();
    },
    use(next) {
      picture = next;
      if (next === null) grid.clear();
      void update();
    },
    reset() {
      latest.stop();
      grid.clear();
      select.replaceChildren();
      select.disabled = true;
      void update();
    },
  };
}

/** In the network's order; what the result shows already comes last. */
function listLayers(select: HTMLSelectElement, { layers, output }: ClassifierInfo): void {
  if (select.options.length > 0) return;
  const inner = layers.filter((layer) => layer !== output.name);
  const options = [...inner, output.name].map((layer) =>
    make('option', { value: layer, textContent: layer }),
  );
  select.append(...options);
  select.disabled = false;
}
