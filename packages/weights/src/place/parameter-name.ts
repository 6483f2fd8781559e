/** What an array is to its layer. */
export type ParameterRole = 'weight' | 'bias' | 'scale' | 'shift' | 'mean' | 'variance';

export interface ParameterName {
  /** What the arrays of one layer have in common. */
  readonly layer: string;
  /** A position where the file numbers a layer's arrays, `null` where the name does not say. */
  readonly role: ParameterRole | number | null;
}

/** What frameworks call the arrays of a layer, in lower case. */
const WORDS: ReadonlyMap<string, ParameterRole> = new Map([
  ...['weight', 'weights', 'kernel', 'kernels', 'filter', 'filters', 'w'].map(
    (word) => [word, 'weight'] as const,
  ),
  ...['bias', 'biases', 'b'].map((word) => [word, 'bias'] as const),
  ...['gamma', 'scale'].map((word) => [word, 'scale'] as const),
  ...['beta', 'shift', 'offset'].map((word) => [word, 'shift'] as const),
  ...['moving_mean', 'running_mean', 'mean'].map((word) => [word, 'mean'] as const),
  ...['moving_variance', 'moving_var', 'running_var', 'running_variance', 'variance', 'var'].map(
    (word) => [word, 'variance'] as const,
  ),
]);

/** `conv1_weight`, `conv_1_W`, `bn_moving_mean` */
const ENDING =
  /^(.+)_(weights?|kernels?|filters?|biases|bias|w|b|gamma|beta|(?:moving|running)_(?:mean|var|variance))$/i;
/** `conv1W`, `fc6b` */
const LETTER_BEHIND = /^(.*\d)([Wwb])$/;
/** `W_conv1`, `weights_fc6` */
const BEGINNING = /^(weights?|biases|bias|w|b)_(.+)$/i;
/** `wc1`, `bd2`, as TensorFlow's tutorials */
const LETTER_BEFORE = /^([wb])([a-z]+\d+)$/;

/**
 * The layer and the role that an array's name tells, in the manners of PyTorch, Keras, TensorFlow, Caffe, MXNet, Flax
 * and those who wrote their own.
 *
 * @example
 * parseParameterName('features.0.weight') // { layer: 'features/0', role: 'weight' }
 * parseParameterName('layers/conv2d/vars/1') // { layer: 'layers/conv2d', role: 1 }
 */
export function parseParameterName(name: string): ParameterName {
  const parts = name
    .replace(/:0$/, '')
    .split(/[/.]/)
    .filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const levels = parts.slice(0, -1);
  const role = WORDS.get(last.toLowerCase());
  if (role && levels.length > 0) return { layer: levels.join('/'), role };
  if (/^\d{1,3}$/.test(last) && levels.length > 0) {
    const owners = levels.at(-1) === 'vars' ? levels.slice(0, -1) : levels;
    return { layer: owners.join('/'), role: Number(last) };
  }
  const [word, rest] = splitWord(last);
  if (word !== undefined) return { layer: [...levels, rest].join('/'), role: word };
  // `weights/conv1`: the roles come first.
  const above = levels.findLastIndex((level) => WORDS.has(level.toLowerCase()));
  const outer = WORDS.get(levels[above]?.toLowerCase() ?? '');
  if (outer) return { layer: [...levels.toSpliced(above, 1), last].join('/'), role: outer };
  return { layer: parts.join('/'), role: null };
}

function splitWord(text: string): readonly [ParameterRole | undefined, string] {
  const behind = ENDING.exec(text) ?? LETTER_BEHIND.exec(text);
  if (behind) return [WORDS.get(behind[2]?.toLowerCase() ?? ''), behind[1] ?? ''];
  const before = BEGINNING.exec(text) ?? LETTER_BEFORE.exec(text);
  if (before) return [WORDS.get(before[1]?.toLowerCase() ?? ''), before[2] ?? ''];
  return [undefined, text];
}

/** Arrays that training leaves in a file and inference does not read. */
const TRAINING_WORDS =
  /^(?:momentum|adam(?:_\d+)?|adagrad|adadelta(?:_\d+)?|rmsprop(?:_\d+)?|ftrl(?:_\d+)?|lars|exponentialmovingaverage|exponential_avg|exp_avg|exp_avg_sq|momentum_buffer|global_step|iterations?|beta\d_power(?:_\d+)?|num_batches_tracked|training_step|learning_rate|save_counter|_checkpointable_object_graph|is_training|local_step)$/i;
const TRAINING_LEVELS =
  /^(?:optimizer|optimizers|optimizer_weights|optim|opt_state|_optimizer|seed_generator(?:_\d+)?|metrics)$/i;

/** Whether a name is that of an optimiser's array, a counter or a moving average. */
export function isTrainingState(name: string): boolean {
  const parts = name.replace(/:0$/, '').split(/[/.#]/);
  const last = parts.at(-1) ?? '';
  return TRAINING_WORDS.test(last) || parts.some((part) => TRAINING_LEVELS.test(part));
}

/** Orders names as people count: `conv2` before `conv10`, `dense` before `dense_1`. */
export function compareNames(a: string, b: string): number {
  const [left, right] = [a, b].map(splitNumbers);
  const length = Math.max(left?.length ?? 0, right?.length ?? 0);
  for (let i = 0; i < length; i += 1) {
    const [x, y] = [left?.[i], right?.[i]];
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1;
    if (x === y) continue;
    const [numberX, numberY] = [Number(x), Number(y)];
    if (Number.isNaN(numberX) || Number.isNaN(numberY)) return x < y ? -1 : 1;
    if (numberX !== numberY) return numberX - numberY;
  }
  return 0;
}

function splitNumbers(name: string): readonly string[] {
  return name.match(/\d+|\D+/g) ?? [];
}
