import { isAlexNetError } from '@alexnet/core';
import type { PictureSource } from '@alexnet/runtime-web';
import { type ForeignModel, readForeignModel } from './foreign-model.ts';
import { readModelBytes } from './model-bytes.ts';
import type { HostedModel, ModelHost, ModelRequest } from './model-host.ts';
import type { ModelSource } from './model-source.ts';
import type { ModelPanel } from './ui/model-panel.ts';

export interface OpeningOptions {
  readonly host: ModelHost<PictureSource>;
  readonly panel: ModelPanel;
  readonly onOpen: (model: HostedModel<PictureSource>) => void;
}

/** Opens a model for the page: shows how far it is, and asks where the file does not say all that is needed. */
export type Open = (request: ModelRequest) => Promise<void>;

export function createOpening({ host, panel, onOpen }: OpeningOptions): Open {
  const open: Open = async (request) => {
    const { source } = request;
    const progress = (share: number | null): void => panel.progress(source.name, share);
    progress(null);
    try {
      const model = await host.open(request, progress);
      if (model === null) return;
      panel.show(model);
      onOpen(model);
    } catch (error) {
      if (!lacksMetadata(error)) return panel.fail(error);
      await askAndOpen(request, open).catch(panel.fail);
    }
  };
  const askAndOpen = async (request: ModelRequest, openAgain: Open): Promise<void> => {
    const model = await inspect(request.source);
    panel.ask({
      name: request.source.name,
      model,
      onAnswer: (answer) => void openAgain({ ...request, ...answer }),
    });
  };
  return open;
}

async function inspect(source: ModelSource): Promise<ForeignModel> {
  const bytes = await readModelBytes(source, new AbortController().signal);
  return readForeignModel(new Uint8Array(bytes), source.name);
}

/** Does the file leave out what only its authors know? */
function lacksMetadata(error: unknown): boolean {
  if (!isAlexNetError(error) || error.code !== 'INVALID_MODEL') return false;
  return error.path.some((field) => /^alexnet\.(?:labels|preprocessing)$/.test(field));
}
