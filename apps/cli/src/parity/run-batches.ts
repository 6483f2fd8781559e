import { invariant, sizeOf } from '@alexnet/core';
import type { Session } from '@alexnet/runtime';
import type { Measurement, ParitySubject } from './runtime.ts';

/** What a session needs to know of the subject; plain data, which can go to a browser. */
export type BatchRequest = Pick<ParitySubject, 'fileInput' | 'batchSize' | 'taps'>;

/**
 * Runs the subject's pictures through a session, once to warm up and once with a clock.
 *
 * @returns values of the taps that the file has
 */
export async function runBatches(
  session: Session,
  { fileInput, batchSize, taps }: BatchRequest,
): Promise<Pick<Measurement, 'outputs' | 'milliseconds'>> {
  const [count = 1, ...picture] = fileInput.shape;
  const step = batchSize * sizeOf(picture);
  const known = taps.flatMap(({ name, output }) => (output === null ? [] : [{ name, output }]));
  const names = known.map(({ output }) => output);
  const runBatch = (index: number) =>
    // A copy: onnxruntime-web may hand the buffer to another thread.
    session.run(fileInput.data.slice(index * step, (index + 1) * step), batchSize, names);
  await runBatch(0);
  const startedMs = performance.now();
  const batches: Awaited<ReturnType<typeof runBatch>>[] = [];
  for (let index = 0; index < count / batchSize; index++) batches.push(await runBatch(index));
  const milliseconds = (performance.now() - startedMs) / count;
  const outputs = known.map(({ name, output }): [string, Float32Array] => {
    const parts = batches.map((batch) => {
      const tensor = batch.get(output);
      invariant(tensor, `a run gave no output "${output}"`);
      return tensor.data;
    });
    return [name, joinParts(parts)];
  });
  return { outputs: new Map(outputs), milliseconds };
}

function joinParts(parts: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
