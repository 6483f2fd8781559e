import { AlexNetError } from '@alexnet/core';
import { hasMomentum } from './optimizers.ts';
import type { TrainCommandOptions } from './train-options.ts';

/** Options of `train` that mean nothing by themselves. */
const NEEDS: readonly {
  readonly option: keyof TrainCommandOptions;
  isMet(options: TrainCommandOptions): boolean;
  readonly message: string;
  readonly hint: string;
}[] = [
  {
    option: 'reinit',
    isMet: ({ from }) => from !== undefined,
    message: '--reinit needs --from: it names layers of a MODEL that start anew.',
    hint: 'Without --from all layers start anew. With it: alexnet train photos --from model.onnx --reinit fc8',
  },
  {
    option: 'unfreezeAt',
    isMet: ({ freeze }) => freeze !== undefined,
    message: '--unfreeze-at needs --freeze: no layer is frozen.',
    hint: "Name the layers that wait until then: --freeze 'conv*' --unfreeze-at 10",
  },
  {
    option: 'featureVariants',
    isMet: ({ freeze }) => freeze !== undefined,
    message: '--feature-variants needs --freeze: only what frozen layers give is kept.',
    hint: "Name them: --freeze 'conv*' --augment mild --feature-variants 5",
  },
  {
    option: 'featureVariants',
    isMet: ({ augment = 'none', featureVariants }) => augment !== 'none' || featureVariants === 1,
    message: '--feature-variants needs --augment: all variants would be the same pictures.',
    hint: "Say how they are varied: --freeze 'conv*' --augment mild --feature-variants 5",
  },
  {
    option: 'featureCacheLimit',
    isMet: ({ freeze, featureCache }) => freeze !== undefined && featureCache !== false,
    message: '--feature-cache-limit needs --freeze: only what frozen layers give is kept.',
    hint: "Name them, and keep it: --freeze 'conv*' --feature-cache-limit 20GiB",
  },
  {
    option: 'milestones',
    isMet: ({ schedule }) => schedule === 'multistep',
    message: '--milestones are those of the schedule multistep.',
    hint: 'Add --schedule multistep, or leave them out.',
  },
  {
    option: 'schedule',
    isMet: ({ schedule, validation }) => schedule !== 'plateau' || validation !== 0,
    message: '--schedule plateau waits for the validation error, and --validation 0 leaves none.',
    hint: 'Hold pictures back (--validation 0.1), or take another schedule.',
  },
  {
    option: 'momentum',
    isMet: ({ optimizer = 'sgd' }) => hasMomentum(optimizer),
    message: '--momentum is of no use to this optimizer.',
    hint: 'Leave it out, or choose another: adam and adamw have two averages of their own.',
  },
];

/** @throws {@link AlexNetError} `INVALID_ARGUMENT` naming an option that would do nothing, and what it needs */
export function checkOptions(options: TrainCommandOptions): void {
  for (const { option, isMet, message, hint } of NEEDS) {
    if (options[option] !== undefined && !isMet(options)) {
      throw new AlexNetError('INVALID_ARGUMENT', { message, hint });
    }
  }
}
