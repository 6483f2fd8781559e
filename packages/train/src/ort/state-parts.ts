import type { StateArray } from '@alexnet/autodiff';
import { createTensor, invariant, sizeOf } from '@alexnet/core';
import type * as Ort from 'onnxruntime-common';
import { pick, pickField } from '../pick.ts';
import { checkTensor, copyTensor } from '../state-tensors.ts';
import { type EngineState, slotName } from '../training-engine.ts';
import type { OrtModule } from './ort-module.ts';
import { forBlocks, fromRowBlocks, toRowBlocks } from './row-blocks.ts';
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
      const { data } = given !== undefined && !ownsState ? copyTensor(whole) : whole;
      return parts.map((part) => {
        const { input, shape: partShape, offset } = part;
        const rows = data.subarray(offset, offset + sizeOf(partShape));
        forBlocks(part, (columns, block) => toRowBlocks(rows, columns, block));
        return [input, { shape: partShape, data: rows }] as const;
      });
    }),
  );
}

/** The state of a step's arrays. Views, where the rows lie one after another in one array; copies elsewhere. */
export function joinParts(arrays: readonly StateArray[], state: StateArrays): EngineState {
  return new Map(
    groupParts(arrays).map((group) => {
      const tensors = group.parts.map(({ input }) => pick(state, input).data);
      return [group.name, { shape: group.shape, data: joinRows(tensors, group) }];
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
    groupParts(arrays).map((group) => {
      const { name, shape, parts } = group;
      const [first, ...others] = parts;
      const whole = pickField(tensors, first.input);
      if (others.length === 0 && first.rowBlock === undefined) return [name, whole] as const;
      const data = parts.map(({ input }) => floats(pickField(tensors, input)));
      return [name, new ort.Tensor('float32', joinRows(data, group), shape)] as const;
    }),
  );
}

interface PartGroup {
  /** In a state. */
  readonly name: string;
  readonly slot: string | null;
  /** Of the parts together. */
  readonly shape: readonly number[];
  readonly parts: Parts;
}

type Parts = readonly [StateArray, ...StateArray[]];

function groupParts(arrays: readonly StateArray[]): readonly PartGroup[] {
  const groups = new Map<string, Parts>();
  for (const array of arrays) {
    const name = stateName(array);
    const before = groups.get(name);
    groups.set(name, before ? [...before, array] : [array]);
  }
  return [...groups].map(([name, parts]) => {
    const [{ slot, shape }] = parts;
    const rows = parts.reduce((sum, { shape: [length = 1] }) => sum + length, 0);
    const whole = parts.length === 1 ? shape : [rows, ...shape.slice(1)];
    return { name, slot, shape: whole, parts };
  });
}

function stateName({ parameter, slot }: StateArray): string {
  return slot === null ? parameter : slotName(parameter, slot);
}

/** The parts of an array together, row after row. */
function joinRows(parts: readonly Float32Array[], group: PartGroup): Float32Array {
  const data = join(parts);
  if (group.parts.every(({ rowBlock }) => rowBlock === undefined)) return data;
  const rows = data.slice();
  for (const part of group.parts) {
    const { offset, shape } = part;
    const ofPart = rows.subarray(offset, offset + sizeOf(shape));
    forBlocks(part, (columns, block) => fromRowBlocks(ofPart, columns, block));
  }
  return rows;
}

function join(parts: readonly Float32Array[]): Float32Array {
  const [first] = parts;
  invariant(first, 'an array of the state has no parts');
  if (parts.length === 1) return first;
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
