import type { ModelMetadata, Preprocessing } from '@alexnet/core';
import type { About } from './about.ts';
import type { ExternalFile } from './external/file-list.ts';
import {
  parseAbout,
  parseEmbedded,
  parseFiles,
  parseMetadataProps,
  parsePrecisionProp,
} from './metadata.ts';
import type { Precision } from './precision.ts';
import type { ByteSource } from './proto/byte-source.ts';
import { decodeModelOutline, readModelOutline } from './proto/codec.ts';
import type { ModelOutline } from './proto/outline-schema.ts';
import {
  describeValue,
  findOpset,
  findRunInputs,
  type ValueDescription,
} from './value-description.ts';

/** What a model says for those who run it. */
export interface ModelFacts {
  /** Empty for models of other programs. Labels are texts of unknown origin: never use them as markup. */
  readonly metadata: Partial<ModelMetadata>;
  /**
   * All of the preprocessing, of a file of ours that does a part of it itself: `metadata` says what is left to do.
   * `null` for others.
   */
  readonly embedded: Preprocessing | null;
  /** The files beside a model of ours that hold its weights; none where they are inside. */
  readonly files: readonly ExternalFile[];
  /** Float32 for files that do not say, as those of other programs. */
  readonly precision: Precision;
}

export interface OnnxMetadata extends ModelFacts {
  /** What has to be given in a run; weights that are listed as inputs are left out. */
  readonly inputs: readonly ValueDescription[];
  readonly outputs: readonly ValueDescription[];
  /** For people, in the words of the file: of unknown origin as the labels are. */
  readonly about: About;
  /** The program that wrote the file. */
  readonly producer: { readonly name: string; readonly version: string };
  /** Version of ONNX's own operator set. */
  readonly opset: number;
}

/**
 * The part of {@link readOnnxMetadata} that decides how a model is run.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function readModelFacts(bytes: Uint8Array): ModelFacts {
  return parseFacts(decodeModelOutline(bytes));
}

/**
 * Says what any ONNX model takes and gives, and what it carries of our metadata. Nodes and weights are
 * passed over: it costs the same for a model of any size.
 *
 * @throws AlexNetError `INVALID_MODEL`
 *
 * @example
 * readOnnxMetadata(bytes).inputs // [{ name: 'image', dtype: 'float32', shape: ['N', 3, 227, 227] }]
 */
export function readOnnxMetadata(bytes: Uint8Array): OnnxMetadata {
  return describeModel(decodeModelOutline(bytes));
}

/**
 * As {@link readOnnxMetadata}, of a file that is not in memory: of 244 MB some dozen kilobytes are read.
 *
 * @example
 * const blob = input.files[0]; // <input type="file">
 * const read = async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
 * (await scanOnnxMetadata({ byteLength: blob.size, read })).metadata.labels // [ 'daisy', 'rose', … ]
 */
export async function scanOnnxMetadata(source: ByteSource): Promise<OnnxMetadata> {
  return describeModel(await readModelOutline(source));
}

function describeModel(model: ModelOutline): OnnxMetadata {
  return {
    inputs: findRunInputs(model.graph).map(describeValue),
    outputs: model.graph.output.map(describeValue),
    ...parseFacts(model),
    about: parseAbout(model),
    producer: { name: model.producerName ?? '', version: model.producerVersion ?? '' },
    opset: findOpset(model.opsetImport),
  };
}

function parseFacts({ metadataProps }: ModelOutline): ModelFacts {
  return {
    metadata: parseMetadataProps(metadataProps),
    embedded: parseEmbedded(metadataProps) ?? null,
    files: parseFiles(metadataProps),
    precision: parsePrecisionProp(metadataProps),
  };
}
