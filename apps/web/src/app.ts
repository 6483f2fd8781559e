import type { PictureSource } from '@alexnet/runtime-web';
import { createAnswering } from './answering.ts';
import { find } from './dom.ts';
import { createModelHost } from './model-host.ts';
import { type ModelSource, readModelAddress } from './model-source.ts';
import { openModel } from './open-model.ts';
import { createOpening, type Open } from './opening.ts';
import { createAnnouncer } from './ui/announcer.ts';
import { acceptFiles } from './ui/drops.ts';
import { createFeaturePanel } from './ui/feature-panel.ts';
import { createFilterPanel } from './ui/filter-panel.ts';
import { createHeatPanel } from './ui/heat-panel.ts';
import { createModelPanel, type ModelPanel } from './ui/model-panel.ts';
import { createPicturePanel } from './ui/picture-panel.ts';
import { createResultPanel } from './ui/result-panel.ts';
import { createTabs } from './ui/tabs.ts';
import { createZoom } from './ui/zoom.ts';

/** Trained for this page; its card stands beside it. */
const FLOWERS: ModelSource = { name: 'Five flowers', from: './models/flowers5.onnx' };

/** Brings the page to life: pictures and models go in, answers come out. */
export function startApp(): void {
  const host = createModelHost<PictureSource>(openModel);
  const zoom = createZoom();
  const announcer = createAnnouncer(find('announcer', HTMLElement));
  const filters = createFilterPanel(zoom.open);
  const features = createFeaturePanel({ openLayers: host.openLayers, onOpen: zoom.open });
  const answering = createAnswering({
    current: () => host.current,
    result: createResultPanel(announcer),
    heat: createHeatPanel(announcer),
    features,
  });
  const models = createModelPanel({
    onFile: (file) => openSource({ name: file.name, from: file }),
    onDevice: (device) => {
      if (host.current) void open({ ...host.current.request, device });
    },
    onDefault: () => openSource(FLOWERS),
  });
  const open = createOpening({
    host,
    panel: models,
    onOpen: ({ request, classifier }) => {
      find('default-model', HTMLElement).hidden = request.source === FLOWERS;
      find('model-credit', HTMLElement).hidden = request.source !== FLOWERS;
      filters.use({ source: request.source, channels: classifier.info.preprocessing.channels });
      features.reset();
      void answering.answerAgain();
    },
  });
  const openSource = (source: ModelSource): void => void open({ source, device: models.device });
  const pictures = createPicturePanel({
    onPicture: (picture) => void answering.answer(picture),
    onFrame: answering.answerFrame,
  });
  acceptFiles({
    overlay: find('drop-overlay', HTMLElement),
    onFile: (file) => {
      if (/\.onnx$/i.test(file.name)) openSource({ name: file.name, from: file });
      else pictures.open(file);
    },
  });
  createTabs(find('inside-tabs', HTMLElement), (panel) => {
    features.show(panel === 'panel-features');
    filters.show(panel === 'panel-filters');
  });
  void openFirst(open, models);
}

/** Opens the model that the page's address asks for; the page's own where it asks for none, or for what may not be. */
async function openFirst(open: Open, models: ModelPanel): Promise<void> {
  const { device } = models;
  try {
    await open({ source: readModelAddress(new URL(location.href)) ?? FLOWERS, device });
  } catch (error) {
    await open({ source: FLOWERS, device });
    models.fail(error);
  }
}
