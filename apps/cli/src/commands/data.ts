import { Command } from 'commander';
import { createCheckCommand } from '../data/check-command.ts';
import { createInfoCommand } from '../data/info-command.ts';
import { createPrepareCommand } from '../data/prepare-command.ts';
import { createPreviewCommand } from '../data/preview-command.ts';
import { createStatsCommand } from '../data/stats-command.ts';
import type { Terminal } from '../terminal/terminal.ts';

export function createDataCommand(terminal: Terminal): Command {
  return new Command('data')
    .description('data sets: what is there and what is wrong with it, colours, reading them faster')
    .addCommand(createInfoCommand(terminal))
    .addCommand(createCheckCommand(terminal))
    .addCommand(createStatsCommand(terminal))
    .addCommand(createPreviewCommand(terminal))
    .addCommand(createPrepareCommand(terminal))
    .addHelpText('after', EXAMPLES);
}

const EXAMPLES = `
Examples:
  $ alexnet data info photos                        what was found, and why it was taken so
  $ alexnet data check photos                       pictures that are damaged, or there twice
  $ alexnet data stats photos                       mean, standard deviation, principal colours
  $ alexnet data preview photos sheet.png           what a training is shown
  $ alexnet data prepare photos shards              decode once; then: alexnet train shards`;
