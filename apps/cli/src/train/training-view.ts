import { relative } from 'node:path';
import { type Model, summarize } from '@alexnet/core';
import type { EngineInfo, TrainingConfig, TrainingEvent, ValidationFigures } from '@alexnet/train';
import { formatCount, formatNumberOf, formatPercent } from '../terminal/format.ts';
import { createProgress, formatDuration, type Progress } from '../terminal/progress.ts';
import { callerFolder } from '../terminal/resolve-path.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { nameOptimizer } from './optimizers.ts';
import { countStepsPerEpoch, type RunConfig } from './run-config.ts';

/** Shows a training: progress and epochs for people, or every event as JSON for programs. */
export interface TrainingView {
  show(event: TrainingEvent): void;
  /** Takes the bar away. */
  stop(): void;
  /** @param report - path of the page that was written */
  finish(report: string): void;
}

/** The plan of a run, in the words of its user. */
export function describePlan(config: RunConfig, model: Model): readonly string[] {
  const { training, data, network, labels } = config;
  const { parameters } = summarize(model.graph);
  const [channels, height, width] = model.graph.input.shape;
  const { optimizer, schedule } = training;
  return [
    `data      ${formatNumberOf(data.trainingPictures, 'picture')} to train on, ${formatCount(data.validationPictures)} to validate, ${labels.length} classes`,
    `network   ${network.preset ?? network.from ?? model.graph.name}, ${formatCount(parameters)} parameters, input ${channels}×${height}×${width}, init ${network.from === null ? training.init : 'as in the model'}`,
    `training  ${describeLength(config)} of ${training.batchSize}, ${nameOptimizer(optimizer)}, learning rate ${training.learningRate} (${schedule.kind}), augmentation ${training.augmentation}${describeExtras(training)}, seed ${training.seed}`,
  ];
}

/** `45 epochs in 2,565 steps`, or `10 steps (out of 45 epochs)` */
function describeLength(config: RunConfig): string {
  const { epochs, maxSteps } = config.training;
  const steps = countStepsPerEpoch(config) * epochs;
  const whole = formatNumberOf(epochs, 'epoch');
  if (maxSteps === null || maxSteps >= steps) return `${whole} in ${formatNumberOf(steps, 'step')}`;
  return `${formatNumberOf(maxSteps, 'step')} (out of ${whole})`;
}

/** `, mixup 0.2, gradients shortened to 2` */
function describeExtras({ mixing, clip }: TrainingConfig): string {
  const mixed = mixing === null ? '' : `, ${mixing.kind} ${mixing.alpha}`;
  if (clip === null) return mixed;
  return `${mixed}, ${clip.by === 'norm' ? 'gradients shortened' : 'each gradient limited'} to ${clip.limit}`;
}

/** `onnxruntime 1.30.0 on cpu, 2 threads` */
export function describeEngine({ engine, version, device, threads }: EngineInfo): string {
  return `${engine} ${version} on ${device}${threads > 0 ? `, ${formatNumberOf(threads, 'thread')}` : ''}`;
}

export function createTrainingView({
  terminal,
  json,
  runFolder,
}: {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly runFolder: string;
}): TrainingView {
  const startedMs = performance.now();
  let progress: Progress | undefined;
  let totals = { steps: 0, epochs: 0 };
  const print = (event: TrainingEvent) => {
    if (json)
      terminal.result(
        JSON.stringify(event.event === 'done' ? { ...event, run: runFolder } : event),
      );
  };
  return {
    show: (event) => {
      print(event);
      switch (event.event) {
        case 'start': {
          const { engine, totalSteps, stepsPerEpoch } = event;
          terminal.note(`engine    ${describeEngine(engine)}`);
          totals = { steps: totalSteps, epochs: Math.ceil(totalSteps / stepsPerEpoch) };
          progress = createProgress(terminal, {
            label: 'training',
            total: totalSteps,
            unit: 'steps',
          });
          progress.update(event.resumedAtStep);
          break;
        }
        case 'step':
          progress?.update(
            event.step,
            `epoch ${event.epoch}/${totals.epochs} · loss ${event.loss.toFixed(3)} · ${event.picturesPerSecond.toFixed(0)} pictures/s`,
          );
          break;
        case 'epoch':
          terminal.note(
            `epoch ${String(event.epoch).padStart(String(totals.epochs).length)}/${totals.epochs}  loss ${event.loss.toFixed(4)}  accuracy ${formatPercent(event.accuracy)}${formatValidation(event.validation)}  ${event.picturesPerSecond.toFixed(0)} pictures/s${formatWait(event.waitShare)}`,
          );
          break;
        case 'warning':
          terminal.note(`warning: ${event.message}`);
          break;
        case 'validation':
        case 'checkpoint':
        case 'done':
          break;
        default:
          event satisfies never;
      }
    },
    stop: () => progress?.finish(),
    finish: (report) => {
      if (json) return;
      const run = relative(callerFolder(), runFolder) || runFolder;
      terminal.result(
        `Trained in ${formatDuration((performance.now() - startedMs) / 1000)}: ${run}`,
      );
      terminal.result(`  look      ${relative(callerFolder(), report)}`);
      terminal.result(`  export    alexnet export model.onnx --from ${run}`);
      terminal.result(`  predict   alexnet predict ${run} PICTURE`);
    },
  };
}

/** Said where it is worth knowing: the pictures, not the network, set the pace. */
function formatWait(share: number): string {
  return share < 0.05 ? '' : `  (${formatPercent(share)} of it waiting for pictures)`;
}

function formatValidation(figures: ValidationFigures | undefined): string {
  if (!figures) return '';
  return `  validation loss ${figures.loss.toFixed(4)}  top-1 ${formatPercent(figures.top1)}  top-5 ${formatPercent(figures.top5)}`;
}
