import { AlexNetError, createRandom, invariant, type Random } from '@alexnet/core';
import { type Batch, countBatches } from '@alexnet/data';
import { type Checkpoint, NO_PROGRESS, type TrainingProgress } from '../checkpoint/checkpoint.ts';
import { createCheckpointClock } from '../checkpoint/checkpoint-clock.ts';
import { addTotals, type Evaluation, NO_TOTALS } from '../evaluation/metrics.ts';
import { scheduleFactor } from '../schedule/schedule.ts';
import { toStepInput } from '../step/step-input.ts';
import { totalsOf } from '../step/step-totals.ts';
import type { StepInput, StepOutput } from '../training-engine.ts';
import { type Divergence, findBadRows } from './divergence.ts';
import { explainStuck } from './explain-stuck.ts';
import { makeCheckpoint } from './make-checkpoint.ts';
import { observeValidation } from './observe-validation.ts';
import { openStage, type Stage } from './stage.ts';
import { CALL_MS } from './step-calls.ts';
import type { CompleteTrainOptions } from './train-options.ts';
import {
  type EpochEvent,
  pickFigures,
  type TrainingEvent,
  type ValidationFigures,
} from './training-event.ts';

/** A training under way: what `train` runs. */
export class Training {
  /** Where the loss was no number, once that has ended the training. */
  divergence: Divergence | null = null;
  readonly #options: CompleteTrainOptions;
  readonly #random: Random;
  readonly #stepsPerEpoch: number;
  readonly #totalSteps: number;
  readonly #checkpointClock: ReturnType<typeof createCheckpointClock>;
  #stage: Stage | undefined;
  #progress: TrainingProgress;
  #reportedBadPictures = 0;
  #hasWarnedOfStuck = false;

  constructor(options: CompleteTrainOptions) {
    const { config, training } = options;
    this.#options = options;
    this.#random = createRandom(config.seed);
    this.#stepsPerEpoch = countBatches(training.length, config.batchSize);
    this.#totalSteps = Math.min(
      config.epochs * this.#stepsPerEpoch,
      config.maxSteps ?? Number.POSITIVE_INFINITY,
    );
    this.#checkpointClock = createCheckpointClock(config);
    this.#progress = options.resumeFrom ?? NO_PROGRESS;
  }

  async *run(): AsyncGenerator<TrainingEvent, Checkpoint | null> {
    const { training, validation, config } = this.#options;
    const { engine } = await this.#openStage();
    yield {
      event: 'start',
      engine: engine.info,
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
    let last: EpochEvent | undefined;
    while (this.#progress.step < this.#totalSteps) {
      this.#checkGoingOn();
      last = yield* this.#runEpoch();
    }
    const seconds = (performance.now() - startedMs) / 1000;
    const pictures = (this.#progress.step - firstStep) * config.batchSize;
    const best = this.#progress.best?.validation;
    yield await this.#record({
      event: 'done',
      epoch: Math.ceil(this.#progress.step / this.#stepsPerEpoch),
      step: this.#progress.step,
      loss: last?.loss ?? 0,
      accuracy: last?.accuracy ?? 0,
      ...(best ? { validation: best } : {}),
      picturesPerSecond: seconds > 0 ? pictures / seconds : 0,
    });
    return this.#options.store ? null : this.#checkpoint();
  }

  async dispose(): Promise<void> {
    await this.#stage?.dispose();
    this.#stage = undefined;
  }

  /** From where the training stands to the end of the epoch, its validation and its checkpoint. */
  async *#runEpoch(): AsyncGenerator<TrainingEvent, EpochEvent> {
    const epoch = Math.floor(this.#progress.step / this.#stepsPerEpoch) + 1;
    const stage = await this.#openStage();
    const startedMs = performance.now();
    const countAtStart = this.#progress.epochTotals.count;
    const waitedMs = yield* this.#takeSteps(stage, epoch);
    const { count, lossSum, correct } = this.#progress.epochTotals;
    const seconds = (performance.now() - startedMs) / 1000;
    const evaluation = await stage.validate();
    if (evaluation) {
      const { step } = this.#progress;
      yield await this.#record({ event: 'validation', epoch, step, evaluation });
      this.#checkValidation(evaluation, epoch);
    }
    const figures = evaluation && pickFigures(evaluation);
    const best = this.#observeValidation(figures);
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
    const isDue = this.#checkpointClock.isDueAfterEpoch(epoch) || this.#isEnding();
    if (best || isDue) yield* this.#saveCheckpoint(epoch, best || !figures);
    return event;
  }

  /** @returns the milliseconds that steps waited for pictures */
  async *#takeSteps(stage: Stage, epoch: number): AsyncGenerator<TrainingEvent, number> {
    for (let waitedMs = 0; ; ) {
      const askedMs = performance.now();
      const batches = await this.#nextBatches(stage);
      waitedMs += performance.now() - askedMs;
      yield* this.#takeCall(stage, batches, epoch);
      yield* this.#warnOfBadPictures();
      const { step } = this.#progress;
      if (step >= this.#totalSteps || step % this.#stepsPerEpoch === 0) return waitedMs;
      if (this.#options.signal?.aborted || this.#checkpointClock.isDueAfterStep(step)) {
        yield* this.#saveCheckpoint(epoch, false);
      }
      this.#checkGoingOn();
    }
  }

  /** Those of the next call: as many as are soon there, up to where an epoch, the training or a checkpoint ends it. */
  async #nextBatches(stage: Stage): Promise<readonly Batch[]> {
    const { step } = this.#progress;
    const untilMs = performance.now() + CALL_MS;
    const most = Math.min(
      stage.calls.size,
      this.#totalSteps - step,
      this.#stepsPerEpoch - (step % this.#stepsPerEpoch),
      this.#checkpointClock.stepsToNext(step),
    );
    const batches = [await stage.nextBatch()];
    while (batches.length < most && performance.now() < untilMs) {
      batches.push(await stage.nextBatch());
    }
    return batches;
  }

  /** The steps of one call, which are told of when all are done. */
  async *#takeCall(
    stage: Stage,
    batches: readonly Batch[],
    epoch: number,
  ): AsyncGenerator<TrainingEvent> {
    const startedMs = performance.now();
    const { step } = this.#progress;
    const inputs = batches.map((batch, i) => this.#toInput(stage, batch, step + 1 + i));
    const outputs = await stage.calls.take(inputs);
    const stepMs = (performance.now() - startedMs) / batches.length;
    for (const [i, batch] of batches.entries()) {
      const [input, output] = [inputs[i], outputs[i]];
      invariant(input && output, 'a step gave nothing');
      const figures = this.#observeStep(batch, input, output);
      const picturesPerSecond = (batch.count * 1000) / stepMs;
      yield await this.#record({ event: 'step', epoch, ...figures, picturesPerSecond });
    }
  }

  #toInput({ graph }: Stage, batch: Batch, step: number): StepInput {
    const { config, metadata } = this.#options;
    const at = { step, learningRate: config.learningRate * this.#factorAt(step) };
    const classes = metadata.labels.length;
    return toStepInput(batch, at, { config, graph, classes, random: this.#random });
  }

  /** @throws {@link AlexNetError} `NUMERIC` */
  #observeStep(batch: Batch, { step, learningRate }: StepInput, output: StepOutput) {
    const classes = this.#options.metadata.labels.length;
    const { loss } = output;
    if (!Number.isFinite(loss)) {
      const epoch = Math.floor((step - 1) / this.#stepsPerEpoch) + 1;
      const rows = findBadRows(output, classes, batch.count);
      this.divergence = { step, epoch, learningRate, rows };
      throw new AlexNetError('NUMERIC', { message: `The loss is ${loss} at step ${step}.` });
    }
    const totals = totalsOf(batch, output, classes);
    const epochTotals = addTotals(this.#progress.epochTotals, totals);
    this.#progress = { ...this.#progress, step, epochTotals };
    return { step, loss, accuracy: totals.correct / Math.max(1, totals.count), learningRate };
  }

  /**
   * The last update may bring what no loss of a step has shown yet: the next one's would.
   *
   * @throws {@link AlexNetError} `NUMERIC`
   */
  #checkValidation({ loss }: Evaluation, epoch: number): void {
    // Whoever stops it here wants the state as it is.
    if (Number.isFinite(loss) || this.#options.signal?.aborted) return;
    const step = this.#progress.step + 1;
    const learningRate = this.#options.config.learningRate * this.#factorAt(step - 1);
    this.divergence = { step, epoch, learningRate, rows: [] };
    throw new AlexNetError('NUMERIC', { message: `The validation loss is ${loss}.` });
  }

  /** The stage of the epoch that comes, opened where another one ends. */
  async #openStage(): Promise<Stage> {
    const { step } = this.#progress;
    const epoch = Math.floor(step / this.#stepsPerEpoch) + 1;
    if (this.#stage && epoch < this.#stage.endEpoch) return this.#stage;
    const state = this.#stage ? await this.#stage.readState() : this.#options.state;
    await this.dispose();
    const startBatch = step % this.#stepsPerEpoch;
    const endEpoch = Math.ceil(this.#totalSteps / this.#stepsPerEpoch) + 1;
    this.#stage = await openStage(this.#options, { epoch, startBatch, endEpoch, state });
    return this.#stage;
  }

  /** Once in a training. */
  async *#warnIfStuck(loss: number, evaluation: Evaluation | null): AsyncGenerator<TrainingEvent> {
    if (this.#hasWarnedOfStuck) return;
    const { config, metadata } = this.#options;
    const message = explainStuck({
      loss,
      classes: metadata.labels.length,
      steps: this.#progress.step,
      isLast: this.#progress.step >= this.#totalSteps,
      config,
      ...(evaluation ? { confusion: evaluation.confusion } : {}),
    });
    if (message === null) return;
    this.#hasWarnedOfStuck = true;
    yield { event: 'warning', message };
  }

  #factorAt(step: number): number {
    return scheduleFactor(this.#options.config.schedule, {
      step,
      totalSteps: this.#totalSteps,
      stepsPerEpoch: this.#stepsPerEpoch,
      drops: this.#progress.plateau.drops,
    });
  }

  #isEnding(): boolean {
    return this.#options.signal?.aborted === true || this.#progress.step >= this.#totalSteps;
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

  /** @returns whether it is the best so far */
  #observeValidation(figures: ValidationFigures | null): boolean {
    if (!figures) return false;
    const { schedule } = this.#options.config;
    const { progress, isBest } = observeValidation(this.#progress, figures, schedule);
    this.#progress = progress;
    return isBest;
  }

  async *#saveCheckpoint(epoch: number, best: boolean): AsyncGenerator<TrainingEvent> {
    const { store } = this.#options;
    if (!store) return;
    const file = await store.saveCheckpoint(await this.#checkpoint(), { best });
    this.#checkpointClock.restart();
    yield await this.#record({ event: 'checkpoint', epoch, step: this.#progress.step, file, best });
  }

  async #checkpoint(): Promise<Checkpoint> {
    return makeCheckpoint(this.#options, {
      state: (await this.#stage?.readState()) ?? this.#options.state,
      progress: this.#progress,
      stepsPerEpoch: this.#stepsPerEpoch,
    });
  }

  async *#warnOfBadPictures(): AsyncGenerator<TrainingEvent> {
    const { names, reasons } = this.#options.badPictures;
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
