import type { ConvolutionRecipe } from '@alexnet/autodiff';
import type { EngineInfo } from '../training-engine.ts';

/** How a device trains; the results agree within rounding. */
export interface DeviceRecipe {
  /** `update`: a step a run. `loop`: several, for which the state goes to the device and comes back once. */
  readonly form: 'update' | 'loop';
  /**
   * Where the state lies between runs: in arrays that each run writes over, if the runtime lets it (`in-place`), in
   * the arrays that a run gives (`outputs`), in buffers of the device (`device`).
   */
  readonly state: 'in-place' | 'outputs' | 'device';
  readonly convolutions: ConvolutionRecipe;
  /** Whether max pools say where their maxima are. */
  readonly poolIndices: boolean;
  /** Elements of the parts of large matrices; those that suit a processor's caches unless given. */
  readonly partSize?: number;
  /** Whether its runtime may have blocked convolutions. */
  readonly mayHaveBlocks: boolean;
}

const PROCESSOR = {
  form: 'update',
  state: 'in-place',
  convolutions: 'counted',
  poolIndices: true,
  mayHaveBlocks: false,
} as const;

const CARD = {
  convolutions: 'direct',
  partSize: Number.POSITIVE_INFINITY,
  mayHaveBlocks: false,
} as const;

export const DEVICE_RECIPES: Readonly<Record<EngineInfo['device'], DeviceRecipe>> = {
  cpu: { ...PROCESSOR, mayHaveBlocks: true },
  wasm: PROCESSOR,
  // onnxruntime-node brings whatever a run gives back to the host.
  cuda: { ...CARD, form: 'loop', state: 'outputs', poolIndices: true },
  // Its MaxPool has no Indices.
  webgpu: { ...CARD, form: 'update', state: 'device', poolIndices: false },
};
