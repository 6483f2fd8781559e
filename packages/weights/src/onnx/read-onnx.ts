import { nameFile } from '@alexnet/core';
import {
  type ImportOptions,
  importOnnx,
  listExternalFiles,
  readOnnxMetadata,
} from '@alexnet/export';
import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type { FileTensor, WeightFile, WeightSource } from '../weight-file.ts';
import { explainRefusal } from './explain-refusal.ts';

/**
 * Reads an ONNX file of any program. Its graph is translated as a whole, so that layouts, names and the order of the
 * first dense layer's inputs are core's already.
 *
 * @throws {@link AlexNetError} as `importOnnx` of `@alexnet/export`, the message starting with the file's name
 */
export async function readOnnx(
  source: WeightSource,
  options: Omit<ImportOptions, 'externalFiles'> = {},
): Promise<WeightFile> {
  const { name, bytes } = source;
  try {
    const externalFiles = await readExternalFiles(source);
    const { graph, weights, metadata, remarks } = importOnnx(bytes, { ...options, externalFiles });
    const tensors = [...weights].map(([weight, { shape, data }]): [string, FileTensor] => {
      return [weight, { dtype: 'float32', shape, toFloat32: () => data }];
    });
    return {
      format: 'onnx',
      tensors: new Map(tensors),
      convention: {
        conv: 'OIHW',
        linear: 'out-in',
        flatten: 'CHW',
        channels: metadata.preprocessing.channels === 'BGR' ? 'BGR' : 'RGB',
      },
      notes: remarks,
      network: {
        graph,
        metadata,
        assumesPreprocessing: readOnnxMetadata(bytes).metadata.preprocessing === undefined,
        readWeights: () => weights,
      },
    };
  } catch (error) {
    throw explainRefusal(error, source) ?? nameFile(error, name);
  }
}

async function readExternalFiles({
  name: model,
  bytes,
  sibling,
}: WeightSource): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of listExternalFiles(bytes)) {
    const content = await sibling(name, { refusesLinks: true });
    if (!content) {
      throw damagedFile(model, `it keeps weights in ${quoteName(name)}, which is not beside it`, {
        hint: 'Put that file into the same folder: it belongs to the model.',
      });
    }
    files.set(name, content);
  }
  return files;
}
