import { AlexNetError } from './errors.ts';
import type { Graph, Parameter } from './graph.ts';
import type { Initializer } from './initializer.ts';
import { createRandom, type Random } from './random.ts';
import { createTensor, type Tensor, type Weights } from './tensor.ts';

/**
 * Ways to fill a whole network:
 *
 * - `published`: as the network's source says
 * - `he`: weights N(0, 2 / fan-in), biases 0 (He et al. 2015, eq. 10): the default, because it trains
 * - `glorot`: weights uniform in ±√(6 / (fan-in + fan-out)), biases 0 (Glorot & Bengio 2010, eq. 16)
 */
export const INIT_SCHEMES = ['he', 'published', 'glorot'] as const;
export type InitScheme = (typeof INIT_SCHEMES)[number];

export interface InitializeOptions {
  readonly seed: number;
  /** `he` unless given. */
  readonly init?: InitScheme;
}

/** Fresh weights for a graph. A parameter's numbers depend on the seed and its name alone. */
export function initializeWeights(graph: Graph, { seed, init = 'he' }: InitializeOptions): Weights {
  const random = createRandom(seed).split('weights');
  return new Map(
    graph.parameters.map((parameter) => {
      const initializer = chooseInitializer(parameter, init);
      return [parameter.name, fill(parameter, initializer, random.split(parameter.name))];
    }),
  );
}

function chooseInitializer(parameter: Parameter, init: InitScheme): Initializer {
  if (init === 'published') return parameter.initializer;
  const [out = 1, ...rest] = parameter.shape;
  if (rest.length === 0) return { kind: 'constant', value: 0 };
  const [, ...kernel] = rest;
  const product = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1);
  const fanIn = product(rest);
  const fanOut = out * product(kernel);
  switch (init) {
    case 'he':
      return { kind: 'normal', mean: 0, std: Math.sqrt(2 / fanIn) };
    case 'glorot':
      return { kind: 'uniform', bound: Math.sqrt(6 / (fanIn + fanOut)) };
    default:
      throw unknownScheme(init);
  }
}

function fill({ shape }: Parameter, initializer: Initializer, random: Random): Tensor {
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

function unknownScheme(init: never): AlexNetError {
  return new AlexNetError('INVALID_ARGUMENT', {
    message: `Unknown initialisation "${String(init)}".`,
    hint: `Use one of ${INIT_SCHEMES.join(', ')}.`,
  });
}
