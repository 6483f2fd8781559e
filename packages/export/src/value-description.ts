import type { OperatorSetIdProto, ValueInfoProto } from './proto/messages.ts';
import type { GraphOutline } from './proto/outline-schema.ts';
import { nameDataType } from './proto/tensor-proto.ts';
import type { Dimension } from './value-info.ts';

/** An input or output of a model, as the file declares it. */
export interface ValueDescription {
  readonly name: string;
  /** `float32`, `int64`, …; `sequence` and `other` for what is not a tensor. */
  readonly dtype: string;
  /** A free axis has a name, `?` where the file gives none; null where it does not say the rank. */
  readonly shape: readonly Dimension[] | null;
}

export function describeValue({ name, type }: ValueInfoProto): ValueDescription {
  const tensor = type?.tensorType;
  if (!tensor) return { name, dtype: type?.sequenceType ? 'sequence' : 'other', shape: null };
  return {
    name,
    dtype: nameDataType(tensor.elemType),
    shape:
      tensor.shape?.dim.map(({ dimValue, dimParam }) => {
        // Some converters write -1 for a free axis.
        if (dimValue !== undefined && dimValue >= 0) return dimValue;
        return dimParam || '?';
      }) ?? null,
  };
}

/** What has to be given in a run: older files list the weights among the inputs. */
export function findRunInputs(graph: GraphOutline): readonly ValueInfoProto[] {
  const weights = new Set(graph.initializer.map(({ name }) => name));
  return graph.input.filter(({ name }) => !weights.has(name));
}

/** Version of ONNX's own operator set; 1 where a file of the first days does not say. */
export function findOpset(opsets: readonly OperatorSetIdProto[]): number {
  return opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1;
}
