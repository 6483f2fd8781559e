import type { FeatureChoice, MetadataOverrides, OutputKind } from '@alexnet/runtime';
import type { DeviceChoice } from './device/list-devices.ts';

/** What can be said about a model that is loaded. */
export interface LoadOptions extends MetadataOverrides {
  /**
   * Where it runs: `auto` (the default) takes CUDA where it is installed and works, else the CPU, and
   * says why in `info.deviceReason`. A device given by name is taken or refused, never replaced.
   */
  readonly device?: DeviceChoice;
  /** Names of the classes, instead of those in the file. */
  readonly labels?: readonly string[];
  /** How pictures become the model's input, instead of what the file says. */
  readonly preprocessing?: NonNullable<MetadataOverrides['preprocessing']>;
  /**
   * What the model is to be good at on a CPU: answering soon (`latency`, the default), or many pictures at once
   * (`throughput`). For batches from about 16 on, throughput takes two thirds of the time of a full AlexNet, to the
   * rounding of float32 the same answers, a second more to load and several times the memory; single pictures take
   * longer. With it `auto` is the CPU.
   */
  readonly performance?: 'latency' | 'throughput';
  /** Threads on the CPU; onnxruntime takes one per core unless given. */
  readonly threads?: number;
  /** What the output holds, where neither its name nor the operator that makes it says so. */
  readonly outputKind?: OutputKind;
  /** Layers that `features()` will be asked for, by their names in the file; its outputs need no naming. */
  readonly features?: FeatureChoice;
  /** What the file's SHA-256 has to be, in hexadecimal. */
  readonly sha256?: string;
  /** Ends the loading. */
  readonly signal?: AbortSignal;
  /**
   * `true` keeps the model in a thread of its own, so that this one stays free while a batch runs: what a
   * server needs. Where a bundler put the worker's file elsewhere, its path or address.
   */
  readonly worker?: boolean | string | URL;
}
