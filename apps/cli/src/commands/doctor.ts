import type { DeviceChoice } from '@alexnet/runtime-node';
import { examineWeights, readWeights, type WeightExamination } from '@alexnet/weights';
import { openWeightSource } from '@alexnet/weights/node';
import { Command } from 'commander';
import { describeArrays, describeChecks } from '../doctor/describe-examination.ts';
import { describeTrials } from '../doctor/describe-trials.ts';
import { readTrialPictures, type TrialPictures } from '../doctor/doctor-pictures.ts';
import { type Trial, tryConventions } from '../doctor/try-conventions.ts';
import { resolveWeightsArgument } from '../models/catalogue-file.ts';
import { findWeightFile } from '../models/weight-model.ts';
import { deviceOption } from '../options/device-option.ts';
import { integer } from '../options/option-values.ts';
import {
  addPlacingOptions,
  type PlacingOptions,
  readPlacingOptions,
} from '../options/placing-options.ts';
import { createProgress } from '../terminal/progress.ts';
import { resolvePath } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface DoctorOptions extends PlacingOptions {
  readonly pictures?: string;
  readonly count: number;
  readonly arrays?: true;
  readonly device: DeviceChoice;
  readonly json?: true;
}

export function createDoctorCommand(terminal: Terminal): Command {
  const command = new Command('doctor')
    .description('look at a weight file: what it is, whether it is sound, how to feed it')
    .argument('<file>', 'a weight file of any program, or published weights')
    .option('--pictures <folder>', 'try the plausible conventions on some of these')
    .option('--count <n>', 'of these pictures', integer(2), 24)
    .option('--arrays', 'list every array with its range')
    .addOption(deviceOption())
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (argument: string, options: DoctorOptions) => {
      const path = await findWeightFile(await resolveWeightsArgument(argument, { terminal }));
      const { reading, placing } = await readPlacingOptions(options);
      const source = await openWeightSource(path);
      const file = await readWeights(source, reading);
      const placingOptions = { source: source.name, ...placing };
      const examination = examineWeights(file, placingOptions);
      const { imported } = examination;
      let trials: readonly Trial[] | null = null;
      let pictures: TrialPictures | null = null;
      if (options.pictures !== undefined && imported) {
        pictures = await readTrialPictures(resolvePath(options.pictures), {
          labels: imported.model.metadata.labels,
          count: options.count,
        });
        const progress = createProgress(terminal, { label: 'trying', total: 1, unit: 'networks' });
        trials = await tryConventions({
          file,
          options: placingOptions,
          imported,
          pictures,
          device: options.device,
          onProgress: (done, total) => progress.update(done / total),
        });
        progress.finish();
      }
      if (options.json) {
        terminal.result(JSON.stringify(toJson(examination, trials)));
        return;
      }
      for (const line of describeChecks(examination)) terminal.result(line);
      if (options.arrays) for (const line of describeArrays(examination)) terminal.result(line);
      if (trials && pictures) {
        const isTrained = examination.checks.every(({ name, ok }) => name !== 'training' || ok);
        const described = describeTrials(trials, pictures, { isTrained });
        for (const line of described) terminal.result(line);
      }
    });
  return addPlacingOptions(command);
}

const EXAMPLES = `
Examples:
  $ alexnet doctor bvlc_alexnet.npy
  $ alexnet doctor alexnet.h5 --pictures photos         which conventions fit?
  $ alexnet doctor alexnet.pth --arrays --json`;

function toJson(
  { imported, tensors, ...examination }: WeightExamination,
  trials: readonly Trial[] | null,
): object {
  const assumptions = imported ? imported.report.conventions : [];
  return { ...examination, assumptions, tensors, ...(trials ? { trials } : {}) };
}
