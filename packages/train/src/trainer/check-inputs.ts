import { AlexNetError, countClasses } from '@alexnet/core';
import type { Dataset } from '@alexnet/data';
import type { TrainOptions } from './train-options.ts';

/**
 * Whether network, pictures and settings belong together.
 *
 * @throws {@link AlexNetError} `INVALID_DATASET`, `INVALID_ARGUMENT`
 */
export function checkInputs({ graph, metadata, config, training, validation }: TrainOptions): void {
  if (training.length === 0) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `There are no pictures to train on in "${training.name}".`,
      hint: 'Give a data set of at least one picture.',
    });
  }
  const classes = countClasses(graph);
  for (const dataset of validation ? [training, validation] : [training]) {
    checkClasses(dataset, classes);
  }
  const { classWeights, frozen, schedule } = config;
  if (classWeights && classWeights.length !== metadata.labels.length) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `classWeights has ${classWeights.length} numbers for ${metadata.labels.length} classes.`,
      hint: `One for each class, in this order: ${metadata.labels.slice(0, 20).join(', ')}.`,
    });
  }
  const parameters = new Set(graph.parameters.map(({ name }) => name));
  const unknown = frozen.find((name) => !parameters.has(name));
  if (unknown !== undefined) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message: `"${unknown}" is to be frozen, but no parameter of ${graph.name} has that name.`,
      hint: `Parameters: ${[...parameters].join(', ')}. selectParameters of @alexnet/core/transforms finds those of layers.`,
    });
  }
  if (schedule.kind === 'plateau' && !validation) {
    throw new AlexNetError('INVALID_ARGUMENT', {
      message:
        'The schedule plateau waits for the validation error, but there are no validation pictures.',
      hint: 'Hold some back (--validation 0.1), or take another schedule.',
    });
  }
}

/** @throws {@link AlexNetError} `INVALID_DATASET` naming a picture */
function checkClasses(dataset: Dataset, classes: number): void {
  if (dataset.labels.length !== classes) {
    throw new AlexNetError('INVALID_DATASET', {
      message: `"${dataset.name}" has ${dataset.labels.length} classes, but the network tells ${classes} apart.`,
      hint: 'Make the network with the labels of its training pictures, and open validation pictures with the same.',
    });
  }
  for (let index = 0; index < dataset.length; index++) {
    const label = dataset.labelOf(index);
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new AlexNetError('INVALID_DATASET', {
      message: `${dataset.nameOf(index)} has the label ${label}; there are ${classes} classes, counted from 0.`,
      hint: '"labelOf" of a data set gives the index of a class in "labels".',
    });
  }
}
