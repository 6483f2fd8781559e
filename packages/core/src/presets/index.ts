import { AlexNetError } from '../errors.ts';
import { caffeAlexNet } from './caffe-alexnet.ts';
import { compact } from './compact.ts';
import { mini } from './mini.ts';
import { mnist } from './mnist.ts';
import { paper } from './paper.ts';
import type { Preset } from './preset.ts';
import { torchvision } from './torchvision.ts';

export const PRESET_IDS = [
  'paper',
  'caffe-alexnet',
  'torchvision',
  'mnist',
  'compact',
  'mini',
] as const;
export type PresetId = (typeof PRESET_IDS)[number];

/** Every AlexNet, by id. */
export const presets: Readonly<Record<PresetId, Preset>> = {
  paper,
  'caffe-alexnet': caffeAlexNet,
  torchvision,
  mnist,
  compact,
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
