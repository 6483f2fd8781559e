import type { Preprocessing } from '@alexnet/core';
import { ortModelOptions, type Precision, type Session, wrapOrtSession } from '@alexnet/runtime';
import type { ExternalData, WebDevice } from './ort.ts';
import type { Onnxruntime } from './start-onnxruntime.ts';
import { ONNXRUNTIME_VERSION } from './version.ts';

/** A model as it lies in memory. */
export interface LoadedModel {
  /** The file's name, for messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** SHA-256 in hexadecimal; `null` where the browser computes none. */
  readonly sha256: string | null;
  readonly externalData: readonly ExternalData[];
  /** What the file says of its numbers. */
  readonly precision: Precision;
  /** All of the preprocessing, of a file that does a part of it itself. */
  readonly embedded: Preprocessing | null;
}

export interface Place {
  readonly device: WebDevice;
  readonly reason: string;
}

/**
 * Makes a session on one device. Making, running and freeing wait their turn: onnxruntime-web does one thing at a time.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if onnxruntime refuses the model · what onnxruntime throws where the
 *   device is the reason
 */
export async function createSession(
  { ort, turns }: Onnxruntime,
  { name, bytes, precision, embedded, externalData }: LoadedModel,
  { device, reason }: Place,
): Promise<Session> {
  const session = await turns(() =>
    ort.InferenceSession.create(bytes, {
      executionProviders: [device],
      ...ortModelOptions(precision),
      ...(externalData.length > 0 ? { externalData } : {}),
    }),
  );
  try {
    const { run, dispose, info } = wrapOrtSession(ort, session, {
      name,
      device,
      deviceReason: reason,
      safeDevice: 'wasm',
      embedded,
      runtime: 'onnxruntime-web',
      version: ort.env.versions.web ?? ONNXRUNTIME_VERSION,
      threads: ort.env.wasm.numThreads ?? 1,
    });
    return {
      info,
      run: (...batch) => turns(() => run(...batch)),
      dispose: () => turns(dispose),
    };
  } catch (error) {
    await turns(() => session.release());
    throw error;
  }
}
