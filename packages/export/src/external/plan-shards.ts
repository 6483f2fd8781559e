import type { ModelProto, TensorProto } from '../proto/messages.ts';
import { DataLocation } from '../proto/messages.ts';
import { splitWeights } from './split-weights.ts';

/** A tensor and where it begins in its file. */
export interface PlacedTensor {
  readonly tensor: TensorProto;
  readonly offset: number;
}

/** What one file of weights holds, with zeros between. */
export type Shard = readonly PlacedTensor[];

export interface ShardPlan {
  /** Its large weights are in parts; all still hold their values. */
  readonly model: ModelProto;
  readonly shards: readonly Shard[];
}

/** Shorter tensors stay in the model file: shapes have to be known without the weights. As onnx's own library does. */
const MIN_EXTERNAL_BYTES = 1024;

/**
 * Multiples at which a tensor may begin, for those who map the file into memory: a page, and for the large ones what
 * Windows maps by. @see https://onnx.ai/onnx/repo-docs/ExternalData.html
 */
const PAGE_BYTES = 4096;
const WINDOWS_PAGE_BYTES = 65_536;
const LARGE_BYTES = 2 ** 20;

/**
 * Deals a model's weights out to files of at most `shardBytes`, in their order.
 *
 * @throws AlexNetError `INVALID_ARGUMENT` where a row of a weight is longer than that
 */
export function planShards(model: ModelProto, shardBytes: number): ShardPlan {
  const split = splitWeights(model, shardBytes);
  const shards: PlacedTensor[][] = [];
  let end = Number.POSITIVE_INFINITY;
  for (const tensor of split.graph.initializer) {
    const bytes = tensor.rawData?.length ?? 0;
    if (bytes < MIN_EXTERNAL_BYTES) continue;
    const step = bytes < LARGE_BYTES ? PAGE_BYTES : WINDOWS_PAGE_BYTES;
    let offset = Math.ceil(end / step) * step;
    if (offset + bytes > shardBytes) {
      shards.push([]);
      offset = 0;
    }
    shards.at(-1)?.push({ tensor, offset });
    end = offset + bytes;
  }
  return { model: split, shards };
}

/** The bytes of a shard as parts, to be written one after another. */
export function* shardParts(shard: Shard): Generator<Uint8Array> {
  let position = 0;
  for (const { tensor, offset } of shard) {
    const values = tensor.rawData ?? new Uint8Array();
    if (offset > position) yield new Uint8Array(offset - position);
    yield values;
    position = offset + values.length;
  }
}

/** A shard that lies in a file. */
export interface StoredShard {
  readonly shard: Shard;
  /** Name of the file, without folders. */
  readonly name: string;
  /** Of the whole file, in hexadecimal. */
  readonly sha1: string;
}

/** The model without the values of its weights, which are in files beside it. */
export function moveOut(model: ModelProto, stored: readonly StoredShard[]): ModelProto {
  const places = new Map<TensorProto, TensorProto>();
  for (const { shard, name, sha1 } of stored) {
    for (const { tensor, offset } of shard) {
      const { rawData, ...rest } = tensor;
      const entries = {
        location: name,
        offset: String(offset),
        length: String(rawData?.length ?? 0),
        checksum: sha1,
      };
      const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
      places.set(tensor, { ...rest, externalData, dataLocation: DataLocation.external });
    }
  }
  const { graph } = model;
  const initializer = graph.initializer.map((tensor) => places.get(tensor) ?? tensor);
  return { ...model, graph: { ...graph, initializer } };
}
