import { AlexNetError } from '../errors.ts';
import { caffeAlexNet } from './caffe-alexnet.ts';
import { caffenet } from './caffenet.ts';
import { cifarRelu } from './cifar-relu.ts';
import { cifarTanh } from './cifar-tanh.ts';
import { compact } from './compact.ts';
import { compactBn } from './compact-bn.ts';
import { extraConv } from './extra-conv.ts';
import { guerzhoy } from './guerzhoy.ts';
import { kerasBn } from './keras-bn.ts';
import { mini } from './mini.ts';
import { mnist } from './mnist.ts';
import { oneWeirdTrick } from './one-weird-trick.ts';
import { onnxZoo } from './onnx-zoo.ts';
import { paper } from './paper.ts';
import { paperCode } from './paper-code.ts';
import type { Preset } from './preset.ts';
import { slimV2 } from './slim-v2.ts';
import { tflearn } from './tflearn.ts';
import { torchvision } from './torchvision.ts';
import { ungrouped } from './ungrouped.ts';

export const PRESET_IDS = [
  'paper',
  'paper-code',
  'caffe-alexnet',
  'caffenet',
  'guerzhoy',
  'onnx-zoo',
  'torchvision',
  'one-weird-trick',
  'ungrouped',
  'slim-v2',
  'tflearn',
  'keras-bn',
  'mnist',
  'extra-conv',
  'cifar-relu',
  'cifar-tanh',
  'compact',
  'compact-bn',
  'mini',
] as const;
export type PresetId = (typeof PRESET_IDS)[number];

/** Every AlexNet, by id. */
export const presets: Readonly<Record<PresetId, Preset>> = {
  paper,
  'paper-code': paperCode,
  'caffe-alexnet': caffeAlexNet,
  caffenet,
  guerzhoy,
  'onnx-zoo': onnxZoo,
  torchvision,
  'one-weird-trick': oneWeirdTrick,
  ungrouped,
  'slim-v2': slimV2,
  tflearn,
  'keras-bn': kerasBn,
  mnist,
  'extra-conv': extraConv,
  'cifar-relu': cifarRelu,
  'cifar-tanh': cifarTanh,
  compact,
  'compact-bn': compactBn,
  mini,
};

export function isPresetId(id: string): id is PresetId {
  return Object.hasOwn(presets, id);
}

/**
 * The preset of this id.
 *
 * @throws {@link AlexNetError} `UNKNOWN_PRESET`, listing the ids that exist
 */
export function findPreset(id: string): Preset {
  if (isPresetId(id)) return presets[id];
  throw new AlexNetError('UNKNOWN_PRESET', {
    message: `There is no preset "${id}".`,
    hint: `Presets: ${PRESET_IDS.join(', ')}.`,
  });
}
