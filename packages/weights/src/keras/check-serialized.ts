import { AlexNetError } from '@alexnet/core';
import { quoteName } from '../quote-name.ts';

/** Where classes may come from that a description names. */
const KERAS_MODULE =
  /^(?:tf_keras|keras)(?:\.(?:src|api))*(?:\.(?:layers|models|engine|initializers|regularizers|constraints|activations|dtype_policies|mixed_precision|backend|ops)(?:\.[a-z0-9_]+)*)?$/;
/** Python's own containers, which Keras 3 writes as classes. */
const CONTAINERS: ReadonlySet<string> = new Set([
  '__tuple__',
  '__numpy__',
  '__tensor__',
  '__ellipsis__',
  '__bytes__',
]);

/** Classes that run or fetch something when Keras makes one, and what that is. */
const DANGERS: ReadonlyMap<string, string> = new Map([
  ['Lambda', 'holds a Python function, which is never run'],
  ['__lambda__', 'is a Python function, which is never run'],
  ['TorchModuleWrapper', 'holds a pickled PyTorch module, which is never opened'],
  ['TFSMLayer', 'loads a program from a folder, which is never opened'],
  ['function', 'is a Python function, which is never run'],
  ['class', 'is a Python class, which is never made'],
]);

const HINT =
  'Only the layers of Keras itself are known here. To take the arrays alone, read the file with config: "ignore" and say which network they are for.';

/**
 * Refuses a description that names code: Lambda layers, functions, classes of other modules. Nothing of it would be
 * run here anyway; but what it stands for cannot be known either.
 *
 * @param config - parsed JSON
 * @throws {@link AlexNetError} `UNSUPPORTED` by the name of the class
 */
export function checkSerialized(config: unknown, place: string): void {
  const pending = [{ value: config, owner: '' }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, owner } = next;
    if (typeof value !== 'object' || value === null) continue;
    const ownName = fieldOf(fieldOf(value, 'config'), 'name');
    const named = typeof ownName === 'string' ? ownName : owner;
    const className = fieldOf(value, 'class_name');
    if (typeof className === 'string') checkClass(value, className, { owner: named, place });
    for (const inner of Object.values(value)) pending.push({ value: inner, owner: named });
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

function checkClass(
  named: object,
  className: string,
  { owner, place }: { readonly owner: string; readonly place: string },
): void {
  const refuse = (reason: string): never => {
    const layer = owner === '' ? '' : `layer ${quoteName(owner)}: `;
    throw new AlexNetError('UNSUPPORTED', {
      message: `${place}: ${layer}${quoteName(className)} ${reason}.`,
      hint: HINT,
      path: [place, owner, className],
    });
  };
  const danger = DANGERS.get(className);
  if (danger !== undefined) refuse(danger);
  const registered = fieldOf(named, 'registered_name');
  const custom = [className, registered].find(
    (name) => typeof name === 'string' && name.includes('>'),
  );
  if (custom !== undefined) refuse(`is a class of someone's own (${quoteName(String(custom))})`);
  const module = fieldOf(named, 'module');
  if (typeof module !== 'string' || KERAS_MODULE.test(module)) return;
  if (module === 'builtins' && CONTAINERS.has(className)) return;
  refuse(`comes from the module ${quoteName(module)}, which is not Keras's`);
}
