import type { EngineName } from '@alexnet/train';
import type { EngineDevice } from '@alexnet/train/node';

export const ENGINE_CHOICES = ['auto', 'onnxruntime', 'tfjs'] as const;
export const ENGINE_DEVICES: readonly EngineDevice[] = ['cpu', 'cuda', 'webgpu'];

/** What the user says of the engine. */
export interface EngineWish {
  readonly engine?: (typeof ENGINE_CHOICES)[number];
  readonly device?: EngineDevice;
}

/** What computes a run, and on what. */
export interface EngineChoice {
  readonly name: EngineName;
  readonly device: EngineDevice;
}
