import type { Model, Preprocessing, Tensor } from '@alexnet/core';
import type { Precision } from '@alexnet/runtime';

/** What every runtime is given. */
export interface ParitySubject {
  /** The model's name in messages. */
  readonly name: string;
  /** Graph and weights as they were read, for what runs the network itself. */
  readonly model: Model;
  /** The ONNX file with its taps as outputs, for what runs that. */
  readonly bytes: Uint8Array;
  /** What the file says of its numbers. */
  readonly precision: Precision;
  /** All of the preprocessing, of a file that does a part of it itself. */
  readonly embedded: Preprocessing | null;
  /** Of the file's input. */
  readonly inputName: string;
  /** Whether the file prepares its pictures itself, and takes them as bytes. */
  readonly takesBytes: boolean;
  /** [N, C, H, W], preprocessed: the same numbers for all. */
  readonly input: Tensor;
  /** What the file is given: the input, or pictures where it prepares them itself. */
  readonly fileInput: Tensor;
  /** Pictures at a time: all of them, unless the file fixes it. */
  readonly batchSize: number;
  /** Values to compare, the network's output last. */
  readonly taps: readonly Tap[];
}

export interface Tap {
  /** In the graph: `pool5`, `fc7`, `logits`. */
  readonly name: string;
  /** In the file; `null` where it has no value of this name. */
  readonly output: string | null;
}

/** What one runtime made of the subject. */
export interface Measurement {
  /** Package and version: `onnxruntime-node 1.30.0`. */
  readonly runtime: string;
  /** What really computed. */
  readonly device: string;
  /** By the taps' names, [N, …]; taps that the runtime cannot give are left out. */
  readonly outputs: ReadonlyMap<string, ArrayLike<number>>;
  /** For one picture, once everything is warm. */
  readonly milliseconds: number;
}

export interface Tolerance {
  /** Largest error allowed, as a share of the tap's largest magnitude. */
  readonly share: number;
  readonly reason: string;
}

/** What the user chose. */
export interface RuntimeSettings {
  /** A Python with OpenCV or PyTorch; `null` if none was named. */
  readonly python: string | null;
}

/** One row of the table. */
export interface ParityRuntime {
  /** As `--runtimes` knows it. */
  readonly id: string;
  readonly title: string;
  /** What is asked for; a row says what really ran. */
  readonly device: string;
  readonly tolerance: Tolerance;
  /**
   * @throws {@link AlexNetError} `MISSING_DEPENDENCY`, `DEVICE_UNAVAILABLE`, `UNSUPPORTED` with the remedy where it
   *   cannot run here: the row says so · any other error where it failed
   */
  measure(subject: ParitySubject, settings: RuntimeSettings): Promise<Measurement>;
}
