import { createOnnxBuilder, encodeModel, type ModelProto } from '@alexnet/export';
import type * as Ort from 'onnxruntime-common';
import type { OrtModule } from './ort-module.ts';

/**
 * onnxruntime-node 1.30 lets a run write into arrays that the caller gives, but then copies every output
 * into a new array all the same: half a gigabyte a step on a full AlexNet, a fifth of the time on a small
 * one. It refuses outputs that are no tensors, after the run and before any copy; so a model whose first
 * output is a sequence leaves its results in the caller's arrays and nowhere else.
 *
 * A quirk, not a feature: {@link probeUncopiedOutputs} finds out whether the runtime at hand has it, and
 * what is built on it has the plain way beside it. microsoft/onnxruntime#32346 would make it needless.
 */
const SEQUENCE = 'uncopied-outputs';

/** What the quirk is recognised by. */
const REFUSAL = /non tensor type/i;

/** The same model with the sequence as its first output. */
export function withSequenceOutput(model: ModelProto, source: string): ModelProto {
  const builder = createOnnxBuilder('sequence');
  builder.input(source, 'float32', [1]);
  const sequence = builder.op('SequenceConstruct', [source], {}, { output: SEQUENCE });
  builder.outputSequence(sequence, 'float32', [1]);
  const { node, output } = builder.build().graph;
  const { graph } = model;
  return {
    ...model,
    graph: { ...graph, node: [...node, ...graph.node], output: [...output, ...graph.output] },
  };
}

/**
 * Runs a model made by {@link withSequenceOutput}; results are in the arrays of `outputs`.
 *
 * @throws what the run throws
 */
export async function runUncopied(
  session: Ort.InferenceSession,
  feeds: Readonly<Record<string, Ort.Tensor>>,
  outputs: Readonly<Record<string, Ort.Tensor>>,
): Promise<void> {
  try {
    await session.run(feeds, { [SEQUENCE]: null, ...outputs });
  } catch (error) {
    if (!(error instanceof Error && REFUSAL.test(error.message))) throw error;
  }
}

/**
 * Whether this runtime has the quirk, and writes right results in place: tried on a model of two numbers.
 *
 * @returns false, never an error, where anything is otherwise
 */
export async function probeUncopiedOutputs(ort: OrtModule): Promise<boolean> {
  const builder = createOnnxBuilder('probe');
  const one = builder.input('one', 'float32', [1]);
  const x = builder.input('x', 'float32', [2]);
  builder.output(builder.op('Add', [x, one], {}, { output: 'y' }), 'float32', [2]);
  const model = withSequenceOutput(builder.build(), one);
  try {
    const session = await ort.InferenceSession.create(encodeModel(model), { logSeverityLevel: 4 });
    const inPlace = new ort.Tensor('float32', Float32Array.of(1, 2), [2]);
    const feeds = { one: new ort.Tensor('float32', Float32Array.of(1), [1]), x: inPlace };
    await runUncopied(session, feeds, { y: inPlace });
    await runUncopied(session, feeds, { y: inPlace });
    await session.release();
    return inPlace.data[0] === 3 && inPlace.data[1] === 4;
  } catch {
    // A runtime without sequences, or one that does not take outputs: the plain way is right for it.
    return false;
  }
}
