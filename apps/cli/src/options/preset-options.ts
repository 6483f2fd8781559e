import { AlexNetError, PRESET_IDS, type PresetOptions } from '@alexnet/core';
import { type Command, Option } from 'commander';
import { findPresetId } from '../models/find-network.ts';
import { integer, positive } from './option-values.ts';

/** What a command that takes a network knows about a preset's options. */
export interface PresetCommandOptions {
  readonly classes?: number;
  readonly inputSize?: number;
  readonly channels?: number;
  readonly groups?: '1' | '2';
  readonly width?: number;
}

/** Adds the options of a preset to a command. */
export function addPresetOptions(command: Command): Command {
  return command
    .option('--classes <n>', 'of a preset: width of the output', integer(2))
    .option('--input-size <pixels>', 'of a preset: height and width of the input', integer(1))
    .option('--channels <n>', 'of a preset: 1 (grey) or 3 (colour)', integer(1))
    .addOption(
      new Option('--groups <n>', 'of a preset: groups of conv2, conv4, conv5').choices(['1', '2']),
    )
    .option('--width <factor>', 'of a preset: multiplies the width of the hidden layers', positive);
}

/**
 * The options as a preset takes them.
 *
 * @param networks - the arguments that they are for
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if there are some and no argument is a preset: an option that would
 *   change nothing is a misunderstanding
 */
export async function readPresetOptions(
  { classes, inputSize, channels, groups, width }: PresetCommandOptions,
  networks: readonly string[],
): Promise<PresetOptions> {
  const options: PresetOptions = {
    ...(classes === undefined ? {} : { classes }),
    ...(inputSize === undefined ? {} : { inputSize }),
    ...(channels === undefined ? {} : { channels }),
    ...(groups === undefined ? {} : { groups: groups === '1' ? 1 : 2 }),
    ...(width === undefined ? {} : { widthMultiplier: width }),
  };
  if (Object.keys(options).length === 0) return options;
  const presets = await Promise.all(networks.map(findPresetId));
  if (presets.some((preset) => preset !== null)) return options;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `--classes, --input-size, --channels, --groups and --width are for presets; ${networks.join(' and ')} is a file.`,
    hint: `Leave them out, or name a preset: ${PRESET_IDS.join(', ')}.`,
  });
}
