import { AlexNetError } from '../errors.ts';
import type { Graph, Parameter } from '../graph/graph.ts';
import { traceHead } from '../graph/trace-head.ts';
import { createRandom, type Random } from '../random.ts';
import { createTensor, type Tensor, type Weights } from '../tensor.ts';
import {
  constant,
  type Fans,
  fansOf,
  glorotUniform,
  heNormal,
  type Initializer,
  normal,
} from './initializer.ts';
import { normalizeVariances } from './normalize-variances.ts';
import { orthonormalize } from './orthonormalize.ts';

/**
 * Ways to fill a whole network:
 *
 * - `published`: as the network's source says
 * - `he`: weights N(0, 2 / fan-in), biases 0 (He et al. 2015, eq. 10), the last layer's at a tenth of that deviation:
 *   the default, because it trains
 * - `glorot`: weights uniform in ±√(6 / (fan-in + fan-out)), biases 0 (Glorot & Bengio 2010, eq. 16)
 * - `lsuv`: orthonormal weights, then scaled layer by layer until what each layer gives has unit variance;
 *   biases 0 (Mishkin & Matas 2015)
 *
 * A batch normalisation always starts with scale 1, bias 0, mean 0 and variance 1, unless published otherwise.
 */
export const INIT_SCHEMES = ['he', 'published', 'glorot', 'lsuv'] as const;
export type InitScheme = (typeof INIT_SCHEMES)[number];

export interface InitializeOptions {
  readonly seed: number;
  /** `he` unless given. */
  readonly init?: InitScheme;
  /** For `lsuv`: preprocessed pictures [N, C, H, W]; four of standard normal noise unless given. */
  readonly images?: Tensor;
  /** Weights that stay: only the others are filled. `lsuv` sees what these make of the images. */
  readonly keep?: Weights;
}

/**
 * The deviation of the last layer's weights with `he`, as a share of He's own, which keeps the size of what goes through
 * a ReLU. No ReLU follows the scores, and max pools have made what they come from larger: at He's own deviation a network
 * begins sure of one class, with a loss of several times ln(classes), and its first steps unlearn that.
 */
const HEAD_SHARE = 0.1;

/** Pictures of noise for `lsuv`: few, because the interpreter takes seconds for each at full size. */
const NOISE_PICTURES = 4;

/**
 * Fresh weights for a graph. A parameter's numbers depend on the seed and its name alone; with `lsuv`, its
 * scale depends on the layers before it and the images too.
 *
 * @throws {@link AlexNetError} with `lsuv`: `SHAPE_MISMATCH` for images of another shape, `NUMERIC` where a
 *   layer gives the same for all of them
 */
export function initializeWeights(
  graph: Graph,
  { seed, init = 'he', images, keep = new Map() }: InitializeOptions,
): Weights {
  const random = createRandom(seed).split('weights');
  const roles = findRoles(graph);
  const weights = new Map(
    graph.parameters.map((parameter) => {
      const { name } = parameter;
      const role = roles.get(name) ?? 'other';
      return [name, keep.get(name) ?? fill(parameter, role, init, random.split(name))] as const;
    }),
  );
  if (init !== 'lsuv') return weights;
  const pictures = images ?? makeNoise(graph, random.split('images'));
  return normalizeVariances(graph, weights, { images: pictures, keep });
}

/** What a parameter is, by how its numbers start. */
type Role = 'weight' | 'head' | 'zeros' | 'ones' | 'other';

function findRoles(graph: Graph): ReadonlyMap<string, Role> {
  const roles = new Map<string, Role>();
  for (const { op, inputs } of graph.nodes) {
    const [, first = '', bias = '', mean = '', variance = ''] = inputs;
    if (op === 'Conv' || op === 'Gemm') roles.set(first, 'weight').set(bias, 'zeros');
    if (op === 'BatchNormalization') {
      roles.set(first, 'ones').set(bias, 'zeros').set(mean, 'zeros').set(variance, 'ones');
    }
  }
  const [, scores] = traceHead(graph)?.head.inputs ?? [];
  if (scores !== undefined) roles.set(scores, 'head');
  return roles;
}

function fill(parameter: Parameter, role: Role, init: InitScheme, random: Random): Tensor {
  const { shape, initializer } = parameter;
  if (init === 'published' || role === 'other') return draw(shape, initializer, random);
  if (role === 'zeros') return draw(shape, constant(0), random);
  if (role === 'ones') return draw(shape, constant(1), random);
  const fans = fansOf(shape);
  switch (init) {
    case 'he':
      return draw(shape, heNormal(fans, role === 'head' ? HEAD_SHARE : 1), random);
    case 'glorot':
      return draw(shape, glorotUniform(fans), random);
    case 'lsuv':
      return drawOrthonormal(shape, fans, random);
    default:
      throw unknownScheme(init);
  }
}

function draw(shape: Parameter['shape'], initializer: Initializer, random: Random): Tensor {
  const tensor = createTensor(shape);
  const values = tensor.data;
  switch (initializer.kind) {
    case 'constant':
      values.fill(initializer.value);
      break;
    case 'normal':
      for (let i = 0; i < values.length; i++) {
        values[i] = initializer.mean + initializer.std * random.normal();
      }
      break;
    case 'truncated-normal':
      for (let i = 0; i < values.length; i++) {
        values[i] = initializer.mean + initializer.std * drawTruncated(random);
      }
      break;
    case 'uniform':
      for (let i = 0; i < values.length; i++) {
        values[i] = random.uniform(-initializer.bound, initializer.bound);
      }
      break;
    default:
      initializer satisfies never;
  }
  return tensor;
}

/** Standard normal, within ±2. */
function drawTruncated(random: Random): number {
  let value = random.normal();
  while (Math.abs(value) > 2) value = random.normal();
  return value;
}

/**
 * The largest product of multiplications and additions that a matrix is made orthonormal with: a second or so.
 * fc6 of the 2012 network would take minutes; the rows of a Gaussian matrix that large are nearly
 * perpendicular as they are.
 */
const ORTHONORMAL_LIMIT = 1e9;

/** Saxe et al. 2013: the start of LSUV. [out, in · kernel], orthonormal along the shorter side. */
function drawOrthonormal(shape: Parameter['shape'], { fanIn }: Fans, random: Random): Tensor {
  const tensor = draw(shape, normal(1 / Math.sqrt(fanIn)), random);
  const out = tensor.data.length / fanIn;
  if (out * fanIn * Math.min(out, fanIn) <= ORTHONORMAL_LIMIT) {
    orthonormalize(tensor.data, out, fanIn);
  }
  return tensor;
}

function makeNoise({ input }: Graph, random: Random): Tensor {
  const noise = createTensor([NOISE_PICTURES, ...input.shape]);
  random.fillNormal(noise.data);
  return noise;
}

function unknownScheme(init: never): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `Unknown initialisation "${String(init)}".`,
    hint: `Use one of ${INIT_SCHEMES.join(', ')}.`,
  });
}
