import { nameFile } from '@alexnet/core';
import type { Picture } from '@alexnet/data';
import {
  type Classifier,
  createClassifier,
  declareFeatures,
  inferOutputKind,
  type ModelFacts,
  readModelFacts,
  resolveMetadata,
} from '@alexnet/runtime';
import type { LoadOptions } from './load-options.ts';
import { type ModelSource, readModelFile } from './model-file.ts';
import { openSession } from './session.ts';
import { findWeightsBeside } from './weights-beside.ts';

export interface OpenOptions<Source> extends Omit<LoadOptions, 'worker'> {
  readonly decode: (source: Source) => Promise<Picture>;
}

/** Loads a model into this thread. @throws as `loadModel` */
export async function openClassifier<Source>(
  source: ModelSource,
  options: OpenOptions<Source>,
): Promise<Classifier<Source>> {
  const { device = 'auto', threads, features, decode, sha256, signal } = options;
  const file = await readModelFile(source, {
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(signal === undefined ? {} : { signal }),
  });
  const { name, bytes } = file;
  signal?.throwIfAborted();
  const facts = readFacts(bytes, name);
  const weights = await findWeightsBeside(file, signal);
  const session = await openSession(declareFeatures(bytes, features), {
    name,
    device,
    precision: facts.precision,
    embedded: facts.embedded,
    ...(weights ? { weights } : {}),
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    signal?.throwIfAborted();
    const { input, output } = session.info;
    const metadata = resolveMetadata(facts, { name, input, output, overrides: options });
    return createClassifier({
      session,
      metadata,
      decode,
      outputKind: options.outputKind ?? inferOutputKind(bytes, output.name),
      ...(sha256 === undefined ? {} : { sha256 }),
    });
  } catch (error) {
    await session.dispose();
    throw error;
  }
}

/** What the file says of itself; its errors name the file. */
function readFacts(bytes: Uint8Array, name: string): ModelFacts {
  try {
    return readModelFacts(bytes);
  } catch (error) {
    throw nameFile(error, name);
  }
}
