import { Command } from 'commander';
import { createPrepareCommand } from '../data/prepare-command.ts';
import { createPreviewCommand } from '../data/preview-command.ts';
import { createStatsCommand } from '../data/stats-command.ts';
import type { Terminal } from '../terminal/terminal.ts';

export function createDataCommand(terminal: Terminal): Command {
  return new Command('data')
    .description('data sets: what their colours are, how they are varied, reading them faster')
    .addCommand(createStatsCommand(terminal))
    .addCommand(createPreviewCommand(terminal))
    .addCommand(createPrepareCommand(terminal))
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Examples:
  $ alexnet data stats photos                       mean, standard deviation, principal colours
  $ alexnet data preview photos sheet.png           what a training is shown
  $ alexnet data prepare photos shards              decode once; then: alexnet train shards`;
