import { AlexNetError, type Preprocessing, type Tensor } from '@alexnet/core';
import { widenHalves } from '@alexnet/export';
import {
  chooseOutput,
  type Device,
  type Session,
  type SessionInfo,
  type ValueInfo,
} from '../session.ts';
import type { OrtSession, OrtTensor, OrtTensors, OrtValueInfo } from './ort.ts';
import { describePictureInput, type PictureInput, wrongType } from './picture-input.ts';
import { summarizeMessage } from './summarize-message.ts';

/** What onnxruntime's session does not say of itself. */
export interface OrtSessionFacts
  extends Pick<SessionInfo, 'device' | 'deviceReason' | 'runtime' | 'version' | 'threads'> {
  /** The model file's name, for messages. */
  readonly name: string;
  /** The device that runs every model, for hints. */
  readonly safeDevice: Device;
  /** All of the preprocessing, of a file that does a part of it itself. */
  readonly embedded: Preprocessing | null;
}

/**
 * Makes a {@link Session} of onnxruntime's, in Node and in browsers.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL` if it does not take one batch of pictures, or gives no floats;
 *   onnxruntime's session is still the caller's to release then
 */
export function wrapOrtSession(
  ort: OrtTensors,
  session: OrtSession,
  { name, safeDevice, embedded, ...facts }: OrtSessionFacts,
): Session {
  const { input, ...outputs } = describeValues(session, { name, embedded });
  const info: SessionInfo = { ...facts, input: input.info, ...outputs };
  const { output } = info;
  return {
    info,
    async run(pictures, batchSize, outputs = [output.name]) {
      const tensor = input.toTensor(ort, pictures, batchSize);
      const feeds = { [info.input.name]: tensor };
      const results = await session.run(feeds, outputs).catch((cause: unknown) => {
        const code = info.device === safeDevice ? 'INVALID_MODEL' : 'DEVICE_UNAVAILABLE';
        throw new AlexNetError(code, {
          message: `${name} failed on ${info.device} with an input of [${tensor.dims.join(', ')}]: ${summarizeMessage(cause)}.`,
          hint: `Check that there is memory for such a batch, and try device: '${safeDevice}' or a smaller batchSize.`,
          cause,
        });
      });
      return new Map(outputs.map((wanted) => [wanted, toTensor(results[wanted], wanted, name)]));
    },
    dispose: () => session.release(),
  };
}

function describeValues(
  { inputMetadata, outputMetadata }: OrtSession,
  { name, embedded }: Pick<OrtSessionFacts, 'name' | 'embedded'>,
): Pick<SessionInfo, 'output' | 'outputs'> & { readonly input: PictureInput } {
  const [first, ...more] = inputMetadata;
  if (!first || more.length > 0) {
    const names = inputMetadata.map((value) => `"${value.name}"`);
    throw new AlexNetError('INVALID_MODEL', {
      message: `${name} has ${names.length} inputs (${names.join(', ') || 'none'}), but a classifier has one.`,
      hint: 'Give a model that takes one batch of pictures, not a training step.',
      path: inputMetadata.map((value) => value.name),
    });
  }
  const outputs = outputMetadata.map((value) => ({ ...value, shape: value.shape ?? [] }));
  const chosen = chooseOutput(outputs);
  if (!chosen) {
    throw new AlexNetError('INVALID_MODEL', {
      message: `${name} has no output.`,
      hint: 'Give a model that ends in one row of classes per picture.',
    });
  }
  return {
    input: describePictureInput(first, { model: name, embedded }),
    output: toValueInfo(chosen, name),
    outputs: outputs.map((value) => ({ name: value.name, shape: value.shape })),
  };
}

function toValueInfo(value: OrtValueInfo, name: string): ValueInfo {
  const isFloat = value.type === 'float32' || value.type === 'float16';
  if (isFloat && value.shape) return { name: value.name, shape: value.shape };
  throw wrongType(value, name);
}

function toTensor(tensor: OrtTensor | undefined, output: string, name: string): Tensor {
  if (tensor?.data instanceof Float32Array) return { shape: tensor.dims, data: tensor.data };
  // What a network in halves gives, or a layer of one.
  if (tensor?.type === 'float16' && ArrayBuffer.isView(tensor.data)) {
    return { shape: tensor.dims, data: widenHalves(tensor.data) };
  }
  throw new AlexNetError('INVALID_MODEL', {
    message: `"${output}" of ${name} is ${tensor?.type ?? 'missing'}, not float32.`,
    hint: 'Export the model with float32 outputs.',
    path: [output],
  });
}
