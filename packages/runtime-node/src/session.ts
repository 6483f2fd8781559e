import { AlexNetError, messageOf } from '@alexnet/core';
import type { Session } from '@alexnet/runtime';
import { inspectMachine } from './device/machine.ts';
import type { OrtModule } from './ort.ts';
import { createSession, type SessionOptions } from './ort-session.ts';

// The gate of onnxruntime-node: the one file that imports it, when the first model is loaded.

/**
 * Loads a model into onnxruntime-node.
 *
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` · `DEVICE_UNAVAILABLE` with the remedy, for a device
 *   asked for by name · `INVALID_MODEL` if onnxruntime refuses the model, with its words
 */
export async function openSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  const ort = await importOrt(() => import('onnxruntime-node'));
  return createSession(ort, model, { ...options, machine: inspectMachine() });
}

/**
 * @param load - imports the module
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` with the install command
 */
export async function importOrt(load: () => Promise<OrtModule>): Promise<OrtModule> {
  try {
    return await load();
  } catch (cause) {
    const isAbsent =
      cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: isAbsent
        ? 'onnxruntime-node is not installed.'
        : `onnxruntime-node does not load on ${process.platform}-${process.arch}: ${messageOf(cause)}`,
      hint: isAbsent
        ? 'Install it: npm install onnxruntime-node'
        : 'It needs Linux with glibc, macOS on arm64 or Windows. Reinstall it: npm install --force onnxruntime-node',
      cause,
    });
  }
}
