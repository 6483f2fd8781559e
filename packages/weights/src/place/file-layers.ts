import { type Shape, sizeOf } from '@alexnet/core';
import type { FileTensor, WeightFile } from '../weight-file.ts';
import {
  compareNames,
  isTrainingState,
  type ParameterRole,
  parseParameterName,
} from './parameter-name.ts';

/** An array of the file and its name there. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: FileTensor;
}

export type LayerKind = 'conv' | 'dense' | 'norm';

/** The arrays of a file that belong together, layouts as they are there. */
export interface FileLayer {
  /** What the names of its arrays have in common. */
  readonly name: string;
  readonly kind: LayerKind;
  readonly arrays: ReadonlyMap<ParameterRole, NamedTensor>;
}

export interface FileLayers {
  /** In the file's order. */
  readonly layers: readonly FileLayer[];
  /** Names of arrays that are no layer's: counters, optimisers, what no role could be found for. */
  readonly leftOut: readonly string[];
}

/** Groups a file's arrays into layers by their names and, where these do not tell, by their lengths. */
export function findFileLayers({ tensors }: Pick<WeightFile, 'tensors'>): FileLayers {
  const groups = new Map<string, Map<ParameterRole, NamedTensor>>();
  const leftOut: string[] = [];
  const nameless: NamedTensor[] = [];
  for (const [name, tensor] of tensors) {
    const rank = dropOnes(tensor.shape).length;
    const isCounter = tensor.shape.length === 0 || sizeOf(tensor.shape) === 0;
    if (isTrainingState(name) || isCounter) {
      leftOut.push(name);
      continue;
    }
    const parsed = parseParameterName(name);
    const group = groups.get(parsed.layer) ?? new Map<ParameterRole, NamedTensor>();
    const role = typeof parsed.role === 'number' ? numberedRole(parsed.role, rank) : parsed.role;
    if (role === null || group.has(role)) nameless.push({ name, tensor });
    else {
      group.set(role, { name, tensor });
      groups.set(parsed.layer, group);
    }
  }
  const layers = [...groups].flatMap(([name, group]) => splitGroup(name, group));
  const { paired, unpaired } = pairByLength(layers, nameless);
  leftOut.push(...unpaired);
  const known = paired.flatMap((layer): readonly FileLayer[] => {
    const kind = kindOf(layer.arrays);
    if (kind) return [{ ...layer, kind }];
    leftOut.push(...[...layer.arrays.values()].map(({ name }) => name));
    return [];
  });
  return { layers: known, leftOut };
}

interface Group {
  readonly name: string;
  readonly arrays: ReadonlyMap<ParameterRole, NamedTensor>;
}

/** In lists without names: `[W, b]`, Keras's `[gamma, beta, mean, variance]`. */
function numberedRole(index: number, rank: number): ParameterRole | null {
  if (rank > 1) return index === 0 ? 'weight' : null;
  // `weight` of rank 1 becomes `scale` where the statistics of a normalisation are beside it.
  return (['weight', 'bias', 'mean', 'variance'] as const)[index] ?? null;
}

/** PyTorch calls scale and shift of a normalisation weight and bias. */
function splitGroup(
  name: string,
  group: ReadonlyMap<ParameterRole, NamedTensor>,
): readonly Group[] {
  const isNorm = ['mean', 'variance', 'scale', 'shift'].some((role) =>
    group.has(role as ParameterRole),
  );
  const weight = group.get('weight');
  if (!isNorm || (weight && dropOnes(weight.tensor.shape).length > 1))
    return [{ name, arrays: group }];
  const renamed = new Map<ParameterRole, NamedTensor>();
  for (const [role, tensor] of group) {
    renamed.set(role === 'weight' ? 'scale' : role === 'bias' ? 'shift' : role, tensor);
  }
  return [{ name, arrays: renamed }];
}

/**
 * Arrays whose names tell no role: those of more than one axis are weights, those of one axis biases, each of the
 * first weight in the order of the names that lacks one and has as many outputs.
 */
function pairByLength(
  groups: readonly Group[],
  nameless: readonly NamedTensor[],
): { readonly paired: readonly Group[]; readonly unpaired: readonly string[] } {
  const paired = groups.map(({ name, arrays }) => ({ name, arrays: new Map(arrays) }));
  const vectors: NamedTensor[] = [];
  for (const each of nameless) {
    if (dropOnes(each.tensor.shape).length < 2) vectors.push(each);
    else paired.push({ name: each.name, arrays: new Map([['weight', each]]) });
  }
  // A lone vector is the bias of a weight that goes by another name.
  for (const group of groups.filter(({ arrays }) => isLoneBias(arrays))) {
    vectors.push(...group.arrays.values());
    paired.splice(
      paired.findIndex(({ name }) => name === group.name),
      1,
    );
  }
  const unpaired: string[] = [];
  const byName = [...paired].sort((a, b) => compareNames(a.name, b.name));
  for (const vector of vectors.sort((a, b) => compareNames(a.name, b.name))) {
    const length = sizeOf(vector.tensor.shape);
    const owner = byName.find(({ arrays }) => {
      const weight = arrays.get('weight');
      return weight && !arrays.has('bias') && endsOf(weight.tensor.shape).includes(length);
    });
    if (owner) owner.arrays.set('bias', vector);
    else unpaired.push(vector.name);
  }
  return { paired, unpaired };
}

function isLoneBias(arrays: ReadonlyMap<ParameterRole, NamedTensor>): boolean {
  const [role, ...others] = [...arrays.keys()];
  return role === 'bias' && others.length === 0;
}

/** Outputs come first or last. */
function endsOf(shape: Shape): readonly (number | undefined)[] {
  return [shape[0], shape.at(-1)];
}

function kindOf(arrays: ReadonlyMap<ParameterRole, NamedTensor>): LayerKind | undefined {
  const weight = arrays.get('weight');
  if (weight) {
    const { shape } = weight.tensor;
    if (isMatrix(shape)) return 'dense';
    return shape.length === 4 ? 'conv' : undefined;
  }
  return arrays.has('mean') && arrays.has('variance') ? 'norm' : undefined;
}

/** Two axes, or four of which the first or the last two have no length: old Caffe's, and 1×1 convolutions. */
function isMatrix(shape: Shape): boolean {
  if (shape.length === 2) return true;
  const [a, b, c, d] = shape;
  return shape.length === 4 && ((a === 1 && b === 1) || (c === 1 && d === 1));
}

/** Axes of more than one element; at least one. */
function dropOnes(shape: Shape): Shape {
  const rest = shape.filter((length) => length !== 1);
  return rest.length > 0 ? rest : shape.slice(0, 1);
}

/** The two axes of a dense layer's weight, as the file has them. */
export function matrixShape(shape: Shape): readonly [number, number] {
  const [a = 0, b = 0, c = 1, d = 1] = shape;
  return shape.length === 4 && a === 1 && b === 1 ? [c, d] : [a, b];
}
