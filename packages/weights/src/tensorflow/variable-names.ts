import { MessageReader } from '../protobuf/message-reader.ts';
import { quoteName } from '../quote-name.ts';
import type { FileTensor } from '../weight-file.ts';

/** What optimisers and moving averages call the arrays that they keep of each weight. */
const SLOT =
  /^(?:Momentum|Adam|AdaMax|Nadam|RMSProp|Adagrad|AdagradDA|Adadelta|Ftrl|Adam_\d+|RMSProp_\d+|Adadelta_\d+|Ftrl_\d+|Momentum_\d+|ExponentialMovingAverage|MovingAverage|LARSOptimizer|LAMB|gradient_accumulator)$/;
/** Counters and factors of a training. */
const COUNTER =
  /(?:^|\/)(?:global_step|local_step|save_counter|beta[12]_power(?:_\d+)?|iter|iterations|learning_rate|decay|_CHECKPOINTABLE_OBJECT_GRAPH)$/;
/** What object-based checkpoints keep of an optimiser; its list of weights may be where these are found first. */
const OPTIMIZER = /(?:^|\/)(?:\.OPTIMIZER_SLOT|_?optimizer)\/(?!_trainable_variables\/)/;

/** What stands behind the path of a variable in an object-based checkpoint. */
const VALUE = '/.ATTRIBUTES/VARIABLE_VALUE';

export const OBJECT_GRAPH_KEY = '_CHECKPOINTABLE_OBJECT_GRAPH';

/**
 * Whether a variable is none of the network's: an optimiser's, a moving average of another one, a counter.
 *
 * @param has - whether there is a variable of this name
 */
export function isTrainingVariable(name: string, has: (name: string) => boolean): boolean {
  if (COUNTER.test(plainName(name)) || OPTIMIZER.test(name)) return true;
  const path = name.split('/');
  if (!SLOT.test(path.at(-1) ?? '')) return false;
  // `conv1/weights/Adam`, or under the scope of the optimiser: `train/conv1/weights/Adam`.
  const owner = path.slice(0, -1);
  return owner.some((_, level) => has(owner.slice(level).join('/')));
}

/**
 * The name of an object-based checkpoint's variable without the signs of the format: `net/conv1/kernel`.
 *
 * @see `tf.train.Checkpoint`: a full stop is written `..`, a slash `.S`
 */
export function plainName(key: string): string {
  if (!key.endsWith(VALUE)) return key;
  return key.slice(0, -VALUE.length).replace(/\.([.S])/g, (_, sign) => (sign === 'S' ? '/' : '.'));
}

// Field numbers: tensorflow/core/protobuf/trackable_object_graph.proto.
const NODE = 1;
const ATTRIBUTE = 2;
const FULL_NAME = 2;
const CHECKPOINT_KEY = 3;

/**
 * The names that variables had in the program, by their key: `conv1/kernel` for `model/layer_with_weights-0/kernel/…`.
 *
 * @param keys - of the variables; others are passed over
 * @throws AlexNetError `INVALID_MODEL`
 */
export function readFullNames(
  graph: Uint8Array,
  keys: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const reader = MessageReader.open(graph, 'graph of objects');
  while (reader.next()) {
    if (reader.field !== NODE) continue;
    const node = reader.message('nodes');
    while (node.next()) {
      if (node.field !== ATTRIBUTE) continue;
      const { key, fullName } = readAttribute(node.message('attributes'));
      if (fullName !== '' && keys.has(key)) names.set(key, fullName);
    }
  }
  return names;
}

function readAttribute(reader: MessageReader): { readonly key: string; readonly fullName: string } {
  let key = '';
  let fullName = '';
  while (reader.next()) {
    if (reader.field === CHECKPOINT_KEY) key = reader.text();
    else if (reader.field === FULL_NAME) fullName = reader.text();
  }
  return { key, fullName };
}

/** The network's variables of a checkpoint. */
export interface ReadVariables {
  readonly tensors: ReadonlyMap<string, FileTensor>;
  readonly notes: readonly string[];
}

/** Names that a note lists. */
const MAX_LISTED = 4;

/**
 * What was left out.
 *
 * @param training - how many of {@link isTrainingVariable}
 * @param unread - names of those that hold no numbers
 */
export function trainingNotes(training: number, unread: readonly string[]): readonly string[] {
  const listed = unread.slice(0, MAX_LISTED).map(quoteName).join(', ');
  const more = unread.length > MAX_LISTED ? ` and ${unread.length - MAX_LISTED} more` : '';
  return [
    ...(training === 0
      ? []
      : [`Left out: ${training} variables of optimisers, moving averages and counters.`]),
    ...(unread.length === 0 ? [] : [`Left out, as no weights have such a type: ${listed}${more}.`]),
  ];
}

/** The one text in the bytes of a tensor of texts: its length, a check sum of that, the text. */
export function readOnlyText(bytes: Uint8Array): Uint8Array | undefined {
  let length = 0;
  for (let i = 0; i < Math.min(bytes.length, 5); i++) {
    const byte = bytes[i] ?? 0;
    length += (byte & 127) * 2 ** (7 * i);
    if (byte >= 128) continue;
    const start = i + 1 + 4;
    return start + length === bytes.length ? bytes.subarray(start) : undefined;
  }
  return undefined;
}
