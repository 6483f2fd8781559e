import type { OptimizerConfig } from '@alexnet/train';

/** The update rules, by the names that they have on the command line. */
export const OPTIMIZER_NAMES = [
  'sgd',
  'sgd-pytorch',
  'nesterov',
  'nesterov-pytorch',
  'adam',
  'adamw',
  'rmsprop',
  'lars',
] as const;
export type OptimizerName = (typeof OPTIMIZER_NAMES)[number];

/** What can be said about every rule; a rule has its usual numbers for what is left out. */
export interface OptimizerSettings {
  readonly momentum?: number | undefined;
  readonly weightDecay?: number | undefined;
}

interface NamedOptimizer {
  configure(settings: OptimizerSettings): OptimizerConfig;
  /** `null` for rules whose rate is the recipe's; others move by steps of another size. */
  readonly learningRate: number | null;
}

const SGD_DECAY = 5e-4;

const OPTIMIZERS: Readonly<Record<OptimizerName, NamedOptimizer>> = {
  sgd: { configure: configureSgd({}), learningRate: null },
  'sgd-pytorch': { configure: configureSgd({ rule: 'pytorch' }), learningRate: null },
  nesterov: { configure: configureSgd({ nesterov: true }), learningRate: null },
  'nesterov-pytorch': {
    configure: configureSgd({ rule: 'pytorch', nesterov: true }),
    learningRate: null,
  },
  adam: { configure: configureAdam('adam', 0), learningRate: 5e-4 },
  adamw: { configure: configureAdam('adamw', 0.01), learningRate: 5e-4 },
  rmsprop: {
    configure: ({ momentum = 0, weightDecay = 0 }) => ({
      kind: 'rmsprop',
      smoothing: 0.99,
      epsilon: 1e-8,
      momentum,
      weightDecay,
    }),
    learningRate: 5e-4,
  },
  // At a rate of 1 and more the biases, which take it as it is, run away.
  lars: {
    configure: ({ momentum = 0.9, weightDecay = SGD_DECAY }) => ({
      kind: 'lars',
      momentum,
      weightDecay,
      trustCoefficient: 0.001,
    }),
    learningRate: 0.3,
  },
};

/** Whether a rule has a momentum of its user's choice. */
export function hasMomentum(name: OptimizerName): boolean {
  return 'momentum' in OPTIMIZERS[name].configure({});
}

/** An update rule by its name, with the settings given and its usual numbers for the others. */
export function configureOptimizer(
  name: OptimizerName,
  settings: OptimizerSettings,
): OptimizerConfig {
  return OPTIMIZERS[name].configure(settings);
}

/** The rate that suits a rule, where it is not the recipe's. */
export function usualLearningRate(name: OptimizerName): number | null {
  return OPTIMIZERS[name].learningRate;
}

/** The name of a configured rule. */
export function nameOptimizer(config: OptimizerConfig): OptimizerName {
  if (config.kind !== 'sgd') return config.kind;
  const { rule = 'caffe', nesterov = false } = config;
  if (rule === 'caffe') return nesterov ? 'nesterov' : 'sgd';
  return nesterov ? 'nesterov-pytorch' : 'sgd-pytorch';
}

function configureSgd(
  kind: Pick<Extract<OptimizerConfig, { kind: 'sgd' }>, 'rule' | 'nesterov'>,
): NamedOptimizer['configure'] {
  return ({ momentum = 0.9, weightDecay = SGD_DECAY }) => ({
    kind: 'sgd',
    momentum,
    weightDecay,
    ...kind,
  });
}

function configureAdam(kind: 'adam' | 'adamw', usualDecay: number): NamedOptimizer['configure'] {
  return ({ weightDecay = usualDecay }) => ({
    kind,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay,
  });
}
