import type { TrainingConfig } from '../config/training-config.ts';

/** Validation pictures by true class (row) and predicted class (column). */
type Confusion = readonly (readonly number[])[];

/** What an epoch came to. */
export interface EpochOutcome {
  /** Mean cross-entropy of the epoch. */
  readonly loss: number;
  readonly classes: number;
  /** Taken so far. */
  readonly steps: number;
  /** Whether none comes after it. */
  readonly isLast: boolean;
  readonly confusion?: Confusion;
  readonly config: Pick<TrainingConfig, 'init' | 'learningRate' | 'frozen'>;
}

/** How near to the loss of guessing counts as guessing, as a share of it. */
const CLOSE = 0.02;
/** Below this rate, too little is more probable than too much. */
const LOW_RATE = 0.001;
/** Fewer pictures than this prove nothing. */
const LEAST_PICTURES = 10;
/** Nor do fewer steps, at the end of an epoch that others follow: a network begins with the loss of guessing. */
const LEAST_STEPS = 100;
/** Standard deviations of luck above which right answers are none. */
const BEYOND_LUCK = 3;

/**
 * Says that a network has not begun to learn, and why that may be, the most probable cause first.
 *
 * @returns null where it learns
 */
export function explainStuck({
  loss,
  classes,
  steps,
  isLast,
  confusion,
  config,
}: EpochOutcome): string | null {
  if (steps < LEAST_STEPS && !isLast) return null;
  const guessing = Math.log(classes);
  const hasLearned = confusion !== undefined && beatsOneClass(confusion);
  const isGuessing = Math.abs(loss - guessing) < CLOSE * guessing && !hasLearned;
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
function answersOneClass(confusion: Confusion): boolean {
  const { ofClasses, pictures } = count(confusion);
  const called = confusion.map((_row, j) => confusion.reduce((sum, row) => sum + (row[j] ?? 0), 0));
  return (
    pictures >= LEAST_PICTURES &&
    ofClasses.filter((count) => count > 0).length > 1 &&
    called.filter((count) => count > 0).length === 1
  );
}

/**
 * Whether more pictures are right than calling all of them by their commonest class gets, by more than luck: the loss
 * of mixed or distorted pictures stays near that of guessing for longer than the answers do.
 */
function beatsOneClass(confusion: Confusion): boolean {
  const { ofClasses, pictures } = count(confusion);
  const right = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
  const commonest = Math.max(...ofClasses);
  const deviation = Math.sqrt((commonest * (pictures - commonest)) / pictures);
  return right > commonest + BEYOND_LUCK * deviation;
}

function count(confusion: Confusion): {
  readonly ofClasses: readonly number[];
  readonly pictures: number;
} {
  const ofClasses = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  return { ofClasses, pictures: ofClasses.reduce((a, b) => a + b, 0) };
}
