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
import { type ModelFile, type ModelSource, readModelFile } from './model-file.ts';
import { openSession } from './session.ts';
import { checkPerformance, toThroughputForm } from './throughput-form.ts';
import { findWeightsBeside, type WeightsBeside } from './weights-beside.ts';

export interface OpenOptions<Source> extends Omit<LoadOptions, 'worker'> {
  readonly decode: (source: Source) => Promise<Picture>;
}

/** Loads a model into this thread. @throws as `loadModel` */
export async function openClassifier<Source>(
  source: ModelSource,
  options: OpenOptions<Source>,
): Promise<Classifier<Source>> {
  const { performance = 'latency', device = 'auto', threads } = options;
  const { features, decode, sha256, signal } = options;
  checkPerformance(performance, device);
  const file = await readModelFile(source, {
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(signal === undefined ? {} : { signal }),
  });
  const { name } = file;
  signal?.throwIfAborted();
  const { bytes, facts, weights } = await prepareModel(file, options);
  const session = await openSession(declareFeatures(bytes, features), {
    name,
    device: performance === 'throughput' ? 'cpu' : device,
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

interface PreparedModel {
  readonly bytes: Uint8Array;
  readonly facts: ModelFacts;
  readonly weights?: WeightsBeside;
}

/** What is run of a file: its own bytes, or the network in the form that many pictures are quickest in. */
async function prepareModel(
  file: ModelFile,
  { performance, signal }: Pick<LoadOptions, 'performance' | 'signal'>,
): Promise<PreparedModel> {
  const { name, bytes } = file;
  const facts = readFacts(bytes, name);
  const weights = await findWeightsBeside(file, signal);
  if (performance !== 'throughput') return { bytes, facts, ...(weights ? { weights } : {}) };
  const form = await toThroughputForm(file, { facts, ...(weights ? { weights } : {}) });
  const rewritten = readFacts(form, name);
  // Only what the file itself says counts: what it leaves open is still to be asked for.
  const { metadata } = facts.embedded ? rewritten : facts;
  return { bytes: form, facts: { ...rewritten, metadata } };
}

/** What the file says of itself; its errors name the file. */
function readFacts(bytes: Uint8Array, name: string): ModelFacts {
  try {
    return readModelFacts(bytes);
  } catch (error) {
    throw nameFile(error, name);
  }
}
