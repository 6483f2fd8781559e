import { createBadPictureLog } from '@alexnet/data';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { checkTrainingConfig } from '../config/training-config.ts';
import { checkInputs } from './check-inputs.ts';
import { diagnose } from './diagnose.ts';
import { learnColours } from './learn-colours.ts';
import type { TrainOptions } from './train-options.ts';
import { Training } from './training.ts';
import type { TrainingEvent } from './training-event.ts';

/**
 * Trains a network and tells what happens.
 *
 * The result depends on the options alone, to the last bit: a training that was stopped after any step and
 * goes on from a checkpoint ends as one that was not.
 *
 * @returns the end of the training where there is no store; `null` where the store has it
 * @throws {@link AlexNetError} `INVALID_ARGUMENT`, `INVALID_DATASET` if too many pictures are bad,
 *   `NUMERIC` if the loss is no longer a number, naming the layer and the pictures, with the state before that step
 *   left in the store, `ABORTED` by the signal
 *
 * @example
 * for await (const event of train({ graph, metadata, state, config, training, createEngine })) {
 *   if (event.event === 'epoch') console.log(event.epoch, event.accuracy); // 1 0.71
 * }
 */
export async function* train(
  options: TrainOptions,
): AsyncGenerator<TrainingEvent, Checkpoint | null> {
  const { validation, ...others } = options;
  const given = validation && validation.length > 0 ? options : others;
  checkTrainingConfig(given.config);
  checkInputs(given);
  const { training: pictures } = given;
  const length = pictures.length + (validation?.length ?? 0);
  const badPictures = given.badPictures ?? createBadPictureLog({ name: pictures.name, length });
  const metadata = await learnColours({ ...given, badPictures });
  const complete = { ...given, metadata, badPictures };
  const training = new Training(complete);
  try {
    return yield* training.run();
  } catch (error) {
    if (!training.divergence) throw error;
    await training.dispose();
    throw await diagnose(complete, training.divergence);
  } finally {
    await training.dispose();
  }
}
