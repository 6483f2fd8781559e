import { AlexNetError, PRESET_IDS } from '@alexnet/core';
import {
  BACKGROUNDS,
  type Background,
  RANK_DIRECTIONS,
  type RankDirection,
  THEMES,
  type Theme,
} from '@alexnet/draw';
import { writeFileAtomic } from '@alexnet/export/node';
import { Command, Option } from 'commander';
import {
  drawPicture,
  formatOfFile,
  PICTURE_FORMATS,
  PICTURE_STYLES,
  type Picture,
  type PictureFormat,
  type PictureStyle,
} from '../draw/draw-picture.ts';
import { findNetwork } from '../models/find-network.ts';
import { positive } from '../options/option-values.ts';
import {
  addPresetOptions,
  type PresetCommandOptions,
  readPresetOptions,
} from '../options/preset-options.ts';
import { formatBytes } from '../terminal/format.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface DrawOptions extends PresetCommandOptions {
  readonly format?: PictureFormat;
  readonly style?: PictureStyle;
  readonly rankdir?: RankDirection;
  readonly theme?: Theme;
  readonly background?: Background;
  readonly scale?: number;
  readonly json?: true;
}

const STDOUT = '-';

export function createDrawCommand(terminal: Terminal): Command {
  const command = new Command('draw')
    .description('draw a network as SVG, PNG or DOT')
    .argument('<x>', `a MODEL, a network (.json), or a preset: ${PRESET_IDS.join(', ')}`)
    .argument('<file>', 'where to: network.svg, .png or .dot; - is standard output')
    .addOption(
      new Option(
        '--style <style>',
        "boxes as in the 2012 paper, or the graph of Caffe's draw_net",
      ).choices(PICTURE_STYLES),
    )
    .addOption(
      new Option('--format <format>', "if the file's name does not say it").choices(
        PICTURE_FORMATS,
      ),
    )
    .addOption(
      new Option(
        '--rankdir <direction>',
        'of the style caffe: which way it runs; LR unless given',
      ).choices(RANK_DIRECTIONS),
    )
    .addOption(
      new Option(
        '--theme <theme>',
        'for a light or a dark page; auto (SVG) follows the reader',
      ).choices(THEMES),
    )
    .addOption(
      new Option('--background <what>', 'whether the page shows through')
        .choices(BACKGROUNDS)
        .default('filled'),
    )
    .option(
      '--scale <factor>',
      'of a PNG: pixels for one of the picture; 2 unless given',
      positive,
    );
  return addPresetOptions(command)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (x: string, file: string, options: DrawOptions) => {
      if (file === STDOUT && options.json) {
        throw new AlexNetError('INVALID_ARGUMENT', {
          message:
            'The picture itself goes to standard output, where --json would print another thing.',
          hint: 'Leave out --json, or name a file.',
        });
      }
      const format = options.format ?? formatOfFile(file);
      const network = await findNetwork(x, { preset: await readPresetOptions(options, [x]) });
      const picture = await drawPicture(network.graph, { ...options, format });
      await deliver(picture, file, {
        terminal,
        name: network.graph.name,
        json: options.json === true,
      });
    });
}

const EXAMPLES = `
Examples:
  $ alexnet draw paper alexnet.svg
  $ alexnet draw caffe-alexnet graph.png --style caffe --rankdir TB
  $ alexnet draw runs/compact-1 dark.png --theme dark --background transparent
  $ alexnet draw my-net.json - --format dot | dot -Tpdf > my-net.pdf`;

async function deliver(
  { content, format, style, size }: Picture,
  file: string,
  {
    terminal,
    name,
    json,
  }: { readonly terminal: Terminal; readonly name: string; readonly json: boolean },
): Promise<void> {
  if (file === STDOUT) {
    if (typeof content === 'string') terminal.result(content.trimEnd());
    else terminal.bytes(content);
    return;
  }
  const target = resolvePath(file);
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  await writeFileAtomic(target, [bytes]);
  if (json) {
    terminal.result(JSON.stringify({ file: target, bytes: bytes.length, format, style, ...size }));
    return;
  }
  const pixels = size === null ? '' : ` ${size.width}×${size.height}`;
  terminal.result(
    `${file}: ${name} in ${style} style, ${format.toUpperCase()}${pixels}, ${formatBytes(bytes.length)}`,
  );
}
