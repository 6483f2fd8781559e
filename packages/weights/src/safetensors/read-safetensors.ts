import {
  formatShape,
  type Graph,
  isAlexNetError,
  isSameShape,
  nameFile,
  parseGraph,
  parseMetadata,
  type Weights,
} from '@alexnet/core';
import {
  checkSums,
  readSafetensorsHeader,
  type SafetensorsBlame,
  type SafetensorsType,
} from '@alexnet/core/safetensors';
import { createFileTensor } from '../elements/create-file-tensor.ts';
import { damagedFile } from '../file-error.ts';
import { quoteName } from '../quote-name.ts';
import type {
  DescribedNetwork,
  LayoutConvention,
  WeightFile,
  WeightSource,
  WeightType,
} from '../weight-file.ts';

/** What the format's element types are called here. */
const TYPES: Readonly<Record<SafetensorsType, WeightType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

/** The format says nothing; those who write it are PyTorch's users. */
const CONVENTION: LayoutConvention = {
  conv: 'OIHW',
  linear: 'out-in',
  flatten: 'CHW',
  channels: null,
};

/** Keys of the header in which our own checkpoints describe themselves. */
const GRAPH = 'alexnet.graph';
const METADATA = 'alexnet.metadata';
/** What a checkpoint's moving average of a parameter is called beside it, where the training kept one. */
const AVERAGE = '/average';

/**
 * Reads a safetensors file: of others, or a checkpoint of ours, which has its network in the header.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`: cut short, a header that lies, names that are there twice, an array whose
 *   bytes are not those of its checksum, where a checkpoint has one
 * @see huggingface/safetensors README, "Format"
 */
export async function readSafetensors(source: WeightSource): Promise<WeightFile> {
  const { name: file, bytes } = source;
  const { entries, metadata } = readHeader(file, bytes);
  const tensors = new Map(
    entries.map(({ name, dtype, shape, bytes: stored }) => {
      const place = `${file}, array ${quoteName(name)}`;
      return [name, createFileTensor({ type: TYPES[dtype], shape, bytes: stored }, place)] as const;
    }),
  );
  const network = readNetwork(file, metadata, tensors);
  return {
    format: 'safetensors',
    tensors,
    convention: CONVENTION,
    notes: describeMetadata(metadata),
    ...(network ? { network } : {}),
  };
}

function readHeader(file: string, bytes: Uint8Array): ReturnType<typeof readSafetensorsHeader> {
  const blame: SafetensorsBlame = {
    code: 'INVALID_MODEL',
    hint: 'The file was cut short or altered: download or copy it again.',
  };
  try {
    const header = readSafetensorsHeader(bytes, blame);
    checkSums(header, blame);
    return header;
  } catch (error) {
    throw nameFile(error, file);
  }
}

/** Of a checkpoint of ours. @throws {@link AlexNetError} `INVALID_MODEL` */
function readNetwork(
  file: string,
  header: Readonly<Record<string, string>>,
  tensors: WeightFile['tensors'],
): DescribedNetwork | undefined {
  const [text, metadata] = [header[GRAPH], header[METADATA]];
  if (text === undefined) return undefined;
  try {
    const graph = parseGraph(JSON.parse(text), 'INVALID_MODEL');
    return {
      graph,
      metadata: metadata === undefined ? {} : parseMetadata(JSON.parse(metadata)),
      readWeights: () => readWeights(file, graph, tensors),
    };
  } catch (cause) {
    if (isAlexNetError(cause)) throw nameFile(cause, file);
    throw damagedFile(file, 'the network in its header is not JSON', { cause });
  }
}

/** The network's parameters, averaged where the training kept averages, without what only training needs. */
function readWeights(file: string, { parameters }: Graph, tensors: WeightFile['tensors']): Weights {
  return new Map(
    parameters.map(({ name, shape }) => {
      const tensor = tensors.get(`${name}${AVERAGE}`) ?? tensors.get(name);
      if (tensor && isSameShape(tensor.shape, shape)) {
        return [name, { shape, data: tensor.toFloat32() }];
      }
      throw damagedFile(
        file,
        `its network needs ${quoteName(name)} of ${formatShape(shape)}, which ${tensor ? `is ${formatShape(tensor.shape)}` : 'is not there'}`,
      );
    }),
  );
}

/** What PyTorch's and Keras's writers note about themselves. */
function describeMetadata({ format }: Readonly<Record<string, string>>): readonly string[] {
  return format === undefined ? [] : [`Its header says that "${format.slice(0, 40)}" wrote it.`];
}
