import type { StateArray } from '@alexnet/autodiff';
import { createTensor, sizeOf } from '@alexnet/core';
import type * as Ort from 'onnxruntime-common';
import { checkTensor, copyTensor } from '../state-tensors.ts';
import { type EngineState, slotName } from '../training-engine.ts';
import type { OrtModule } from './ort-module.ts';
import { floats, type StateArrays, type StateTensors } from './state-arrays.ts';

/**
 * The arrays that a step reads, of a state: views of one array a parameter and slot, where a parameter comes
 * in parts. The optimiser's arrays that are not there yet are zero.
 *
 * @throws {@link AlexNetError} `SHAPE_MISMATCH` if the state is another network's
 */
export function takeState(
  arrays: readonly StateArray[],
  state: EngineState,
  { ownsState }: { readonly ownsState: boolean },
): StateArrays {
  return new Map(
    groupParts(arrays).flatMap(({ name, slot, shape, parts }) => {
      const given = state.get(name);
      const whole = slot !== null && !given ? createTensor(shape) : checkTensor(name, given, shape);
      const { data } = given && !ownsState ? copyTensor(whole) : whole;
      return parts.map(({ input, shape: partShape, offset }) => {
        const part = { shape: partShape, data: data.subarray(offset, offset + sizeOf(partShape)) };
        return [input, part] as const;
      });
    }),
  );
}

/** The state of a step's arrays. Views, where the parts lie side by side in one array; copies elsewhere. */
export function joinParts(arrays: readonly StateArray[], state: StateArrays): EngineState {
  return new Map(
    groupParts(arrays).map(({ name, shape, parts }) => {
      const tensors = parts.map(({ input }) => state.get(input)?.data ?? new Float32Array());
      return [name, { shape, data: join(tensors) }];
    }),
  );
}

/** The same for tensors, which stay where they are; parts of one have to be on the host. */
export function joinTensors(
  ort: OrtModule,
  arrays: readonly StateArray[],
  tensors: StateTensors,
): ReadonlyMap<string, Ort.Tensor> {
  return new Map(
    groupParts(arrays).flatMap(({ name, shape, parts }) => {
      const found = parts.flatMap(({ input }) => tensors[input] ?? []);
      const whole =
        found.length > 1 ? new ort.Tensor('float32', join(found.map(floats)), shape) : found[0];
      return whole ? [[name, whole] as const] : [];
    }),
  );
}

interface PartGroup {
  /** In a state. */
  readonly name: string;
  readonly slot: string | null;
  /** Of the parts together. */
  readonly shape: readonly number[];
  readonly parts: readonly StateArray[];
}

function groupParts(arrays: readonly StateArray[]): readonly PartGroup[] {
  const groups = new Map<string, StateArray[]>();
  for (const array of arrays) {
    const name = stateName(array);
    groups.set(name, [...(groups.get(name) ?? []), array]);
  }
  return [...groups].map(([name, parts]) => {
    const [first] = parts;
    const rows = parts.reduce((sum, { shape: [length = 1] }) => sum + length, 0);
    const shape =
      parts.length === 1 ? (first?.shape ?? []) : [rows, ...(first?.shape ?? []).slice(1)];
    return { name, slot: first?.slot ?? null, shape, parts };
  });
}

function stateName({ parameter, slot }: StateArray): string {
  return slot === null ? parameter : slotName(parameter, slot);
}

function join(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  if (!first || parts.length === 1) return first ?? new Float32Array();
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  let end = first.byteOffset;
  const areSideBySide = parts.every((part) => {
    const follows = part.buffer === first.buffer && part.byteOffset === end;
    end += part.byteLength;
    return follows;
  });
  if (areSideBySide) return new Float32Array(first.buffer, first.byteOffset, length);
  const whole = new Float32Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
