import { damagedFile, unsupportedFile } from '../file-error.ts';
import { PickledArray } from '../numpy/pickled-array.ts';
import { PickleDict, type PickleValue } from '../pickle/values.ts';
import { quoteName } from '../quote-name.ts';
import { PickledTensor } from './pickled-tensor.ts';
import { stripWrappers } from './strip-wrappers.ts';

/** Where training scripts keep the weights in a checkpoint, the likeliest first. */
const WEIGHT_KEYS: readonly string[] = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'weights',
  'params',
  'module',
];
/** What lies beside them. */
const TRAINING_KEY = /optim|sched|scaler|ema|^loss|amp|callback|hyper/i;
const MAX_DEPTH = 4;
/** Longest name of a tensor. */
const MAX_NAME_LENGTH = 1024;
/** Keys that a message lists. */
const MAX_LISTED = 10;

/** An array in a state dict: a tensor, or an array of NumPy that was saved in its place. */
export type StateValue = PickledTensor | PickledArray;

export interface StateDict {
  readonly arrays: ReadonlyMap<string, StateValue>;
  /** Names of what is no array of numbers. */
  readonly leftOut: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Finds the weights in what `torch.save` was given: a state dict, or a checkpoint that holds one. Prefixes that
 * wrappers of a network add to all names are taken off. Everything that is done is noted.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` where no weights are found
 */
export function findStateDict(value: PickleValue, place: string): StateDict {
  const notes: string[] = [];
  let dict = value;
  const trail: string[] = [];
  while (dict instanceof PickleDict && trail.length < MAX_DEPTH) {
    // A checkpoint may hold arrays of its own, such as the best accuracy: a known name comes first.
    const key = findKnownKey(dict) ?? (hasArrays(dict) ? undefined : findOnlyKey(dict));
    if (key === undefined) break;
    trail.push(key);
    dict = dict.entries.get(key) ?? null;
  }
  if (!(dict instanceof PickleDict) || !hasArrays(dict)) throw refuse(value, place);
  if (trail.length > 0) {
    const others =
      value instanceof PickleDict ? textKeys(value).filter((key) => key !== trail[0]) : [];
    const rest = others.length > 0 ? `; left out: ${listNames(others)}` : '';
    notes.push(`A checkpoint: the weights are in ${trail.map(quoteName).join(' → ')}${rest}.`);
  }
  const arrays = new Map<string, StateValue>();
  const leftOut: string[] = [];
  for (const [key, item] of dict.entries) {
    if (typeof key === 'string' && isArray(item)) {
      if (key.length > MAX_NAME_LENGTH) {
        throw damagedFile(
          place,
          `a tensor's name has ${key.length} letters, more than the limit of ${MAX_NAME_LENGTH}`,
        );
      }
      arrays.set(key, item);
    } else leftOut.push(String(typeof key === 'object' ? 'a key that is no text' : key));
  }
  const { names, removed } = stripWrappers([...arrays.keys()]);
  if (removed.length > 0) notes.push(`Taken off the names: ${removed.map(quoteName).join(', ')}.`);
  const items = [...arrays.values()];
  const named = names.flatMap((name, index) => {
    const item = items[index];
    return item === undefined ? [] : [[name, item] as const];
  });
  return { arrays: new Map(named), leftOut, notes };
}

function isArray(value: PickleValue): value is StateValue {
  if (value instanceof PickledTensor) return true;
  return value instanceof PickledArray && value.content.kind === 'numbers';
}

function hasArrays(dict: PickleDict): boolean {
  return [...dict.entries].some(([key, item]) => typeof key === 'string' && isArray(item));
}

function findKnownKey(dict: PickleDict): string | undefined {
  return WEIGHT_KEYS.find((key) => dict.entries.get(key) instanceof PickleDict);
}

/** The only dict that holds arrays, training's own aside. */
function findOnlyKey(dict: PickleDict): string | undefined {
  // One dict can stand under many names: it is looked through once.
  const known = new Map<PickleDict, boolean>();
  const keys = textKeys(dict).filter((key) => {
    const inner = dict.entries.get(key);
    if (!(inner instanceof PickleDict) || TRAINING_KEY.test(key)) return false;
    const holds = known.get(inner) ?? hasArrays(inner);
    known.set(inner, holds);
    return holds;
  });
  return keys.length === 1 ? keys[0] : undefined;
}

function textKeys(dict: PickleDict): readonly string[] {
  return [...dict.entries.keys()].filter((key) => typeof key === 'string');
}

function refuse(value: PickleValue, place: string): Error {
  const keys = value instanceof PickleDict ? `: it has ${listNames(textKeys(value))}` : '';
  return unsupportedFile(
    place,
    `no weights are found in it${keys}`,
    "Save the weights alone in Python: torch.save(model.state_dict(), 'weights.pth').",
  );
}

function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'no names';
  const listed = names.slice(0, MAX_LISTED).map(quoteName).join(', ');
  return names.length > MAX_LISTED ? `${listed} and ${names.length - MAX_LISTED} more` : listed;
}
