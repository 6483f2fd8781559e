import { MAX_RANK } from '../elements/create-file-tensor.ts';
import type { ElementType } from '../elements/element-type.ts';
import { damagedFile } from '../file-error.ts';
import { NUMPY_GLOBALS } from '../numpy/numpy-globals.ts';
import type { PickleCall, PickleGlobalRule } from '../pickle/machine.ts';
import {
  describePickleValue,
  PickleDict,
  PickleTuple,
  type PickleValue,
} from '../pickle/values.ts';
import { PickledStorage, PickledTensor } from './pickled-tensor.ts';

const TYPED_STORAGES: readonly (readonly [string, ElementType])[] = [
  ['FloatStorage', 'float32'],
  ['DoubleStorage', 'float64'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
];
/** Bytes without a type: where `torch.load` has to take one, it takes uint8. */
const UNTYPED_STORAGES = [
  'torch.UntypedStorage',
  'torch.storage.UntypedStorage',
  'torch.storage._UntypedStorage',
] as const;

/** What a storage of each class holds. */
export const STORAGE_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ...TYPED_STORAGES.map(([name, type]) => [`torch.${name}`, type] as const),
  ...TYPED_STORAGES.map(([name, type]) => [`torch.cuda.${name}`, type] as const),
  ...UNTYPED_STORAGES.map((name) => [name, 'uint8'] as const),
]);

/** All that a pickle by PyTorch may name; arrays of NumPy turn up in checkpoints. */
export const PYTORCH_GLOBALS: ReadonlyMap<string, PickleGlobalRule> = new Map<
  string,
  PickleGlobalRule
>([
  ...NUMPY_GLOBALS,
  ...[...STORAGE_TYPES.keys()].map((name) => [name, {}] as const),
  // Before PyTorch 0.4.
  ['torch._utils._rebuild_tensor', { call: rebuildTensor }],
  ['torch._utils._rebuild_tensor_v2', { call: rebuildTensorV2 }],
  ['torch._utils._rebuild_parameter', { call: rebuildParameter }],
]);

export const REFUSAL_HINT: string =
  'A pickle is a program, so nothing but plain weights is read. Of a whole network (torch.save(model)) or a checkpoint ' +
  "with other objects, if you trust it, save the weights alone in Python: torch.save(model.state_dict(), 'weights.pth').";

/** `(storage, offset, size, stride)` */
function rebuildTensor({ args, place }: PickleCall): PickleValue {
  const [storage, offset, size, stride] = args;
  const shape = readNumbers(size);
  const strides = readNumbers(stride);
  const isTensor =
    storage instanceof PickledStorage && typeof offset === 'number' && args.length === 4;
  if (!isTensor || shape === undefined || strides === undefined) {
    throw refuseArguments('tensor', args, place);
  }
  return new PickledTensor(storage, { shape, strides, offset });
}

/** `(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])` */
function rebuildTensorV2(call: PickleCall): PickleValue {
  const { args, place } = call;
  const [requiresGrad, hooks, metadata = null] = args.slice(4);
  const isPlain = typeof requiresGrad === 'boolean' && isEmpty(hooks) && isEmpty(metadata);
  if (args.length < 6 || args.length > 7 || !isPlain) throw refuseArguments('tensor', args, place);
  return rebuildTensor({ ...call, args: args.slice(0, 4) });
}

/** `(tensor, requires_grad, backward_hooks)` */
function rebuildParameter({ args, place }: PickleCall): PickleValue {
  const [tensor, requiresGrad, hooks] = args;
  const isPlain = typeof requiresGrad === 'boolean' && isEmpty(hooks) && args.length === 3;
  if (!(tensor instanceof PickledTensor) || !isPlain) {
    throw refuseArguments('parameter', args, place);
  }
  return tensor;
}

/** Hooks are functions: a file of weights has none. */
function isEmpty(value: PickleValue | undefined): boolean {
  return value === null || (value instanceof PickleDict && value.entries.size === 0);
}

function readNumbers(value: PickleValue | undefined): readonly number[] | undefined {
  if (!(value instanceof PickleTuple) || value.items.length > MAX_RANK) return undefined;
  const numbers = value.items.filter((item) => typeof item === 'number');
  return numbers.length === value.items.length ? numbers : undefined;
}

function refuseArguments(what: string, args: readonly PickleValue[], place: string): Error {
  return damagedFile(
    place,
    `a ${what} is rebuilt from ${args.map(describePickleValue).join(', ')}`,
    { hint: 'No version of PyTorch writes this: the file was made or altered by something else.' },
  );
}
