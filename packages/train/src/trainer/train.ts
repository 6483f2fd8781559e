import {
  AlexNetError,
  createRandom,
  type Graph,
  type ModelMetadata,
  type Random,
} from '@alexnet/core';
import {
  AUGMENTATIONS,
  type BadPictureLog,
  type Batch,
  countBatches,
  createBadPictureLog,
  type Dataset,
  type PictureRenderer,
  readBatches,
} from '@alexnet/data';
import { type Checkpoint, NO_PROGRESS, type TrainingProgress } from '../checkpoint/checkpoint.ts';
import type { RunStore } from '../checkpoint/run-store.ts';
import { checkTrainingConfig, type TrainingConfig } from '../config/training-config.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import {
  addTotals,
  type Evaluation,
  indexOfLargest,
  NO_TOTALS,
  type Totals,
} from '../evaluation/metrics.ts';
import { observeEpoch, scheduleFactor } from '../schedule/schedule.ts';
import { toStepInput } from '../step/step-input.ts';
import type { EngineFactory, EngineState, StepOutput, TrainingEngine } from '../training-engine.ts';
import { explainStuck } from './explain-stuck.ts';
import { learnColours } from './learn-colours.ts';
import type { StepEvent, TrainingEvent, ValidationFigures } from './training-event.ts';

export interface TrainOptions {
  readonly graph: Graph;
  /** Its labels are the data set's; its preprocessing turns pictures into the network's input. */
  readonly metadata: ModelMetadata;
  /** Initial weights; with optimiser slots where a training goes on. */
  readonly state: EngineState;
  readonly config: TrainingConfig;
  readonly training: Dataset;
  /** Without it, there are no validation figures and the last checkpoint counts as the best. */
  readonly validation?: Dataset;
  readonly createEngine: EngineFactory;
  /** What turns decoded pictures into inputs; this thread unless given. It changes no bit of the result. */
  readonly renderer?: PictureRenderer;
  readonly store?: RunStore;
  /** Where the training that this one goes on with stood. */
  readonly resumeFrom?: TrainingProgress;
  /** Collects pictures that cannot be read; more than a tenth of them stops the training. */
  readonly badPictures?: BadPictureLog;
  /** Ends the training after the step that is under way, with a checkpoint of where it stands. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a network and tells what happens.
 *
 * The result depends on the options alone, to the last bit: a training that was stopped after any step and
 * goes on from a checkpoint ends as one that was not.
 *
 * @returns the end of the training where there is no store; `null` where the store has it
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`, `INVALID_DATASET` if too many pictures are bad,
 *   `NUMERIC` if the loss is no longer a number, `ABORTED` by the signal
 *
 * @example
 * for await (const event of train({ graph, metadata, state, config, training, createEngine })) {
 *   if (event.event === 'epoch') console.log(event.epoch, event.accuracy); // 1 0.71
 * }
 */
export async function* train(
  options: TrainOptions,
): AsyncGenerator<TrainingEvent, Checkpoint | null> {
  checkTrainingConfig(options.config);
  const { graph, config, state } = options;
  const metadata = await learnColours(options);
  const engine = await options.createEngine({
    graph,
    state,
    batchSize: config.batchSize,
    microBatches: config.microBatches,
    rule: { optimizer: config.optimizer, clip: config.clip, averageDecay: config.averageDecay },
    factors: config.factors,
    frozen: config.frozen,
    seed: config.seed,
  });
  try {
    return yield* new Training({ ...options, metadata }, engine).run();
  } finally {
    await engine.dispose();
  }
}

class Training {
  readonly #options: TrainOptions;
  readonly #engine: TrainingEngine;
  readonly #random: Random;
  readonly #badPictures: BadPictureLog;
  readonly #stepsPerEpoch: number;
  readonly #totalSteps: number;
  #progress: TrainingProgress;
  #reportedBadPictures = 0;
  #hasWarnedOfStuck = false;

  constructor(options: TrainOptions, engine: TrainingEngine) {
    const { config, training } = options;
    this.#options = options;
    this.#engine = engine;
    this.#random = createRandom(config.seed);
    this.#badPictures = options.badPictures ?? createBadPictureLog(training);
    this.#stepsPerEpoch = countBatches(training.length, config.batchSize);
    this.#totalSteps = Math.min(
      config.epochs * this.#stepsPerEpoch,
      config.maxSteps ?? Number.POSITIVE_INFINITY,
    );
    this.#progress = options.resumeFrom ?? NO_PROGRESS;
  }

  async *run(): AsyncGenerator<TrainingEvent, Checkpoint | null> {
    const { training, validation } = this.#options;
    yield {
      event: 'start',
      engine: this.#engine.info,
      trainingPictures: training.length,
      validationPictures: validation?.length ?? 0,
      stepsPerEpoch: this.#stepsPerEpoch,
      totalSteps: this.#totalSteps,
      resumedAtStep: this.#progress.step,
    };
    if (this.#progress.step >= this.#totalSteps) {
      const message = `Nothing is left to do: all ${this.#totalSteps} steps were taken before.`;
      yield { event: 'warning', message };
    }
    const startedMs = performance.now();
    const firstStep = this.#progress.step;
    let last: TrainingEvent | undefined;
    while (this.#progress.step < this.#totalSteps) {
      this.#checkGoingOn();
      last = yield* this.#runEpoch();
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const pictures = (this.#progress.step - firstStep) * this.#options.config.batchSize;
    const best = this.#progress.best?.validation;
    yield await this.#record({
      event: 'done',
      epoch: Math.ceil(this.#progress.step / this.#stepsPerEpoch),
      step: this.#progress.step,
      loss: last?.event === 'epoch' ? last.loss : 0,
      accuracy: last?.event === 'epoch' ? last.accuracy : 0,
      ...(best ? { validation: best } : {}),
      picturesPerSecond: seconds > 0 ? pictures / seconds : 0,
    });
    return this.#options.store ? null : this.#checkpoint();
  }

  /** From where the training stands to the end of the epoch, its validation and its checkpoint. */
  async *#runEpoch(): AsyncGenerator<TrainingEvent, TrainingEvent> {
    const { config, training, metadata, validation, renderer, signal } = this.#options;
    const { colours } = metadata.provenance;
    const done = this.#progress.step % this.#stepsPerEpoch;
    const epoch = Math.floor(this.#progress.step / this.#stepsPerEpoch) + 1;
    const startedMs = performance.now();
    const countAtStart = this.#progress.epochTotals.count;
    const batches = readBatches(training, {
      preprocessing: metadata.preprocessing,
      batchSize: config.batchSize,
      shuffle: true,
      random: this.#random.split('epoch', epoch),
      augmentation: AUGMENTATIONS[config.augmentation],
      ...(colours ? { colourComponents: colours } : {}),
      ...(renderer ? { renderer } : {}),
      startBatch: done,
      badPictures: this.#badPictures,
    });
    let waitedMs = 0;
    let askedMs = performance.now();
    for await (const batch of batches) {
      waitedMs += performance.now() - askedMs;
      yield await this.#record(await this.#takeStep(batch, epoch));
      yield* this.#warnOfBadPictures();
      const { step } = this.#progress;
      if (step >= this.#totalSteps || step % this.#stepsPerEpoch === 0) break;
      if (signal?.aborted || this.#isCheckpointDue()) yield* this.#saveCheckpoint(epoch, false);
      this.#checkGoingOn();
      askedMs = performance.now();
    }
    const { count, lossSum, correct } = this.#progress.epochTotals;
    const seconds = (performance.now() - startedMs) / 1000;
    const evaluation = validation ? await this.#validate(validation) : undefined;
    const figures = evaluation && figuresOf(evaluation);
    const best = this.#updateBest(figures);
    this.#observePlateau(figures);
    this.#progress = { ...this.#progress, epochTotals: NO_TOTALS };
    const event = await this.#record({
      event: 'epoch',
      epoch,
      step: this.#progress.step,
      loss: lossSum / Math.max(1, count),
      accuracy: correct / Math.max(1, count),
      ...(figures ? { validation: figures } : {}),
      picturesPerSecond: (count - countAtStart) / seconds,
      waitShare: waitedMs / (seconds * 1000),
    });
    yield event;
    yield* this.#warnOfBadPictures();
    yield* this.#warnIfStuck(event.loss, evaluation);
    yield* this.#saveCheckpoint(epoch, best);
    return event;
  }

  /** Once in a training. */
  async *#warnIfStuck(loss: number, evaluation?: Evaluation): AsyncGenerator<TrainingEvent> {
    if (this.#hasWarnedOfStuck) return;
    const { config, metadata } = this.#options;
    const message = explainStuck({
      loss,
      classes: metadata.labels.length,
      config,
      ...(evaluation ? { confusion: evaluation.confusion } : {}),
    });
    if (message === null) return;
    this.#hasWarnedOfStuck = true;
    yield { event: 'warning', message };
  }

  async #takeStep(batch: Batch, epoch: number): Promise<StepEvent> {
    const { config, metadata, graph } = this.#options;
    const startedMs = performance.now();
    const step = this.#progress.step + 1;
    const learningRate = config.learningRate * this.#factorAt(step);
    const classes = metadata.labels.length;
    const at = { step, learningRate };
    const output = await this.#engine.step(
      toStepInput(batch, at, { config, graph, classes, random: this.#random }),
    );
    const { loss } = output;
    if (!Number.isFinite(loss)) throw divergedAt(step, epoch, learningRate);
    const totals = totalsOf(batch, output, classes);
    this.#progress = {
      ...this.#progress,
      step,
      epochTotals: addTotals(this.#progress.epochTotals, totals),
    };
    return {
      event: 'step',
      epoch,
      step,
      loss,
      accuracy: totals.correct / Math.max(1, totals.count),
      learningRate,
      picturesPerSecond: (batch.count * 1000) / (performance.now() - startedMs),
    };
  }

  #factorAt(step: number): number {
    return scheduleFactor(this.#options.config.schedule, {
      step,
      totalSteps: this.#totalSteps,
      stepsPerEpoch: this.#stepsPerEpoch,
      drops: this.#progress.plateau.drops,
    });
  }

  #isCheckpointDue(): boolean {
    const { checkpointSteps } = this.#options.config;
    return checkpointSteps !== null && this.#progress.step % checkpointSteps === 0;
  }

  /** @throws {@link AlexNetError} `ABORTED` */
  #checkGoingOn(): void {
    const { signal } = this.#options;
    if (!signal?.aborted) return;
    throw new AlexNetError('ABORTED', {
      message: `The training was stopped after step ${this.#progress.step} of ${this.#totalSteps}.`,
      cause: signal.reason,
    });
  }

  #validate(dataset: Dataset): Promise<Evaluation> {
    const { metadata, config, renderer } = this.#options;
    return evaluate({
      ...(renderer ? { renderer } : {}),
      dataset,
      preprocessing: metadata.preprocessing,
      batchSize: config.batchSize,
      forward: (images) => this.#engine.forward(images),
    });
  }

  /** Without validation pictures, every checkpoint is the best so far. */
  #updateBest(figures: ValidationFigures | undefined): boolean {
    if (!figures) return true;
    const { best, step } = this.#progress;
    const isBest =
      !best ||
      figures.top1 > best.validation.top1 ||
      (figures.top1 === best.validation.top1 && figures.loss < best.validation.loss);
    if (isBest) this.#progress = { ...this.#progress, best: { step, validation: figures } };
    return isBest;
  }

  #observePlateau(figures: ValidationFigures | undefined): void {
    const { schedule } = this.#options.config;
    if (schedule.kind !== 'plateau' || !figures) return;
    const plateau = observeEpoch(this.#progress.plateau, 1 - figures.top1, schedule);
    this.#progress = { ...this.#progress, plateau };
  }

  async *#saveCheckpoint(epoch: number, best: boolean): AsyncGenerator<TrainingEvent> {
    const { store } = this.#options;
    if (!store) return;
    const file = await store.saveCheckpoint(await this.#checkpoint(), { best });
    yield await this.#record({ event: 'checkpoint', epoch, step: this.#progress.step, file, best });
  }

  async #checkpoint(): Promise<Checkpoint> {
    const { graph, metadata, config } = this.#options;
    const { step, best } = this.#progress;
    const { source, colours } = metadata.provenance;
    return {
      graph,
      metadata: {
        ...metadata,
        // Field by field, in one order: a training that goes on writes the same bytes.
        provenance: {
          origin: 'trained',
          seed: config.seed,
          steps: step,
          epochs: step / this.#stepsPerEpoch,
          ...(source === undefined ? {} : { source }),
          ...(colours ? { colours } : {}),
          ...(best && best.step === step ? { validation: best.validation } : {}),
        },
      },
      state: await this.#engine.readState(),
      progress: this.#progress,
    };
  }

  async *#warnOfBadPictures(): AsyncGenerator<TrainingEvent> {
    const { names, reasons } = this.#badPictures;
    for (const name of names.slice(this.#reportedBadPictures)) {
      yield {
        event: 'warning',
        message: `Skipped ${name}: ${reasons.get(name) ?? 'it cannot be read'}`,
      };
    }
    this.#reportedBadPictures = names.length;
  }

  async #record<Event extends TrainingEvent>(event: Event): Promise<Event> {
    await this.#options.store?.appendMetrics(event);
    return event;
  }
}

function totalsOf(batch: Batch, { loss, logits }: StepOutput, classes: number): Totals {
  let correct = 0;
  for (let row = 0; row < batch.count; row++) {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    if (indexOfLargest(scores) === batch.labels[row]) correct += 1;
  }
  return { count: batch.count, lossSum: loss * batch.count, correct };
}

function figuresOf({ loss, top1, top5 }: Evaluation): ValidationFigures {
  return { loss, top1, top5 };
}

function divergedAt(step: number, epoch: number, learningRate: number): AlexNetError {
  return new AlexNetError('NUMERIC', {
    message: `The loss is no longer a number at step ${step} (epoch ${epoch}, learning rate ${learningRate}).`,
    hint: `Train with a smaller --learning-rate, ${learningRate / 10} for example; the last checkpoint is from before.`,
  });
}
