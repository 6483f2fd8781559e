import type { StateArray } from '@alexnet/autodiff';
import type { ModelProto } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import type { OrtModule } from './ort-module.ts';
import type { StateArrays, StateTensors } from './state-arrays.ts';

/** A model that carries a state from one run to the next. */
export interface StatefulModel {
  readonly model: ModelProto;
  readonly state: readonly StateArray[];
  /** Names of the outputs that are wanted beside the state. */
  readonly results: readonly string[];
}

export interface StatefulSession {
  /** @returns the results, by name; theirs to keep */
  run(feeds: StateTensors): Promise<Readonly<Record<string, Float32Array>>>;
  /** What the next run reads, where it lies. */
  readonly tensors: StateTensors;
  /** What the next run reads, on the host; where it lies there anyway, the session's own arrays. */
  read(): Promise<StateArrays>;
  /** Sets arrays of the state to zero. */
  clear(inputs: Iterable<string>): void;
  release(): Promise<void>;
}

export interface StatefulSessionOptions<Model extends StatefulModel = StatefulModel> {
  readonly ort: OrtModule;
  readonly model: Model;
  /** The session's own from here on. */
  readonly state: StateArrays;
  readonly createSession: CreateSession;
}

/** @param state - whose outputs stay on the device, if it can keep them */
export type CreateSession = (
  model: Uint8Array,
  state?: readonly StateArray[],
) => Promise<Ort.InferenceSession>;
