import type { TrainingEvent } from '../trainer/training-event.ts';
import type { Summary } from './event.ts';

/** The curves of an event; none for those that have no figures. */
export function summarizeEvent(event: TrainingEvent): readonly Summary[] {
  switch (event.event) {
    case 'step':
      return scalars('step', {
        loss: event.loss,
        accuracy: event.accuracy,
        'learning rate': event.learningRate,
        'pictures per second': event.picturesPerSecond,
      });
    case 'validation': {
      const { loss, top1, top5, classes } = event.evaluation;
      const mean = (values: readonly number[]) =>
        values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
      return scalars('validation', {
        loss,
        'top-1': top1,
        'top-5': top5,
        precision: mean(classes.map(({ precision }) => precision)),
        recall: mean(classes.map(({ recall }) => recall)),
        F1: mean(classes.map(({ f1 }) => f1)),
      });
    }
    case 'epoch':
      return scalars('epoch', { loss: event.loss, accuracy: event.accuracy });
    case 'start':
    case 'checkpoint':
    case 'warning':
    case 'done':
      return [];
    default:
      return event satisfies never;
  }
}

function scalars(group: string, figures: Readonly<Record<string, number>>): readonly Summary[] {
  return Object.entries(figures).map(([name, scalar]) => ({ tag: `${group}/${name}`, scalar }));
}
