import type { TrainingConfig } from '../config/training-config.ts';

/** What an epoch came to. */
export interface EpochOutcome {
  /** Mean cross-entropy of the epoch. */
  readonly loss: number;
  readonly classes: number;
  /** Validation pictures by true class (row) and predicted class (column). */
  readonly confusion?: readonly (readonly number[])[];
  readonly config: Pick<TrainingConfig, 'init' | 'learningRate' | 'frozen'>;
}

/** How near to the loss of guessing counts as guessing, as a share of it. */
const CLOSE = 0.02;
/** Below this rate, too little is more probable than too much. */
const LOW_RATE = 0.001;
/** Fewer pictures than this prove nothing. */
const LEAST_PICTURES = 10;

/**
 * Says that a network has not begun to learn, and why that may be, the most probable cause first.
 *
 * @returns null where it learns
 */
export function explainStuck({ loss, classes, confusion, config }: EpochOutcome): string | null {
  const guessing = Math.log(classes);
  const isGuessing = Math.abs(loss - guessing) < CLOSE * guessing;
  const isOneClass = confusion !== undefined && answersOneClass(confusion);
  if (!isGuessing && !isOneClass) return null;
  const found = isGuessing
    ? `The loss is ${loss.toFixed(3)}, that of guessing among ${classes} classes (ln ${classes} = ${guessing.toFixed(3)})`
    : `The loss is ${loss.toFixed(3)}`;
  const answers = isOneClass ? ', and every validation picture gets the same class' : '';
  const causes = listCauses(config).map((cause, i) => `(${i + 1}) ${cause}`);
  return `${found}${answers}: the network has not begun to learn. Likely causes, the most probable first: ${causes.join('; ')}.`;
}

function listCauses({ init, learningRate, frozen }: EpochOutcome['config']): readonly string[] {
  const rounded = (rate: number) => Number(rate.toPrecision(3));
  const tooHigh = `the learning rate of ${learningRate} is too high and has killed the ReLUs: try ${rounded(learningRate / 10)}`;
  const tooLow = `the learning rate of ${learningRate} is too low, or the training too short: try ${rounded(learningRate * 3)}, or more epochs`;
  return [
    ...(init === 'published'
      ? ['the published initial weights let hardly any signal through: try --init he or lsuv']
      : []),
    ...(learningRate < LOW_RATE ? [tooLow, tooHigh] : [tooHigh, tooLow]),
    ...(frozen.length > 0 ? ['too many layers are frozen: leave out --freeze'] : []),
    'the labels do not belong to the pictures: look at the sheet in report.html',
    'the classes cannot be told apart at this input size: try a larger --input-size',
  ];
}

/** Whether all pictures, of at least two classes, are called the same. */
function answersOneClass(confusion: readonly (readonly number[])[]): boolean {
  const ofClasses = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  const pictures = ofClasses.reduce((a, b) => a + b, 0);
  const called = confusion.map((_row, j) => confusion.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  return (
    pictures >= LEAST_PICTURES &&
    ofClasses.filter((count) => count > 0).length > 1 &&
    called.filter((count) => count > 0).length === 1
  );
}
