import {
  type LayerRecipe,
  OPTIMIZER_KINDS,
  type OptimizerConfig,
  PASS_RECIPES,
  SGD_RULES,
} from '@alexnet/autodiff';
import type { JsonReader } from '@alexnet/core';
import { SCHEDULE_KINDS, type ScheduleConfig, type ScheduleShape } from '../schedule/schedule.ts';

/** Reads a schedule from untrusted JSON. @throws `INVALID_CHECKPOINT` naming the field */
export function parseSchedule(json: JsonReader): ScheduleConfig {
  const shape = parseShape(json);
  return json.has('warmupEpochs')
    ? { ...shape, warmupEpochs: json.field('warmupEpochs').number() }
    : shape;
}

function parseShape(json: JsonReader): ScheduleShape {
  const kind = json.field('kind').oneOf(SCHEDULE_KINDS);
  const number = (name: string) => json.field(name).number();
  switch (kind) {
    case 'step':
    case 'exponential':
      return { kind, epochs: number('epochs'), factor: number('factor') };
    case 'multistep': {
      const epochs = json.field('epochs').items();
      return { kind, epochs: epochs.map((epoch) => epoch.number()), factor: number('factor') };
    }
    case 'polynomial':
      return { kind, power: number('power') };
    case 'one-cycle':
      return { kind, rise: number('rise') };
    case 'plateau':
      return {
        kind,
        patience: json.field('patience').integer(1),
        factor: number('factor'),
        drops: json.field('drops').integer(),
      };
    case 'constant':
    case 'cosine':
      return { kind };
    default:
      return kind satisfies never;
  }
}

/** Reads an optimiser's settings from untrusted JSON. @throws `INVALID_CHECKPOINT` naming the field */
export function parseOptimizer(json: JsonReader): OptimizerConfig {
  const kind = json.field('kind').oneOf(OPTIMIZER_KINDS);
  const number = (name: string) => json.field(name).number();
  const weightDecay = number('weightDecay');
  switch (kind) {
    case 'sgd':
      return {
        kind,
        momentum: number('momentum'),
        weightDecay,
        ...(json.has('rule') ? { rule: json.field('rule').oneOf(SGD_RULES) } : {}),
        ...(json.has('nesterov') ? { nesterov: json.field('nesterov').boolean() } : {}),
      };
    case 'adam':
    case 'adamw':
      return {
        kind,
        beta1: number('beta1'),
        beta2: number('beta2'),
        epsilon: number('epsilon'),
        weightDecay,
      };
    case 'rmsprop':
      return {
        kind,
        smoothing: number('smoothing'),
        epsilon: number('epsilon'),
        momentum: number('momentum'),
        weightDecay,
      };
    case 'lars':
      return {
        kind,
        momentum: number('momentum'),
        weightDecay,
        trustCoefficient: number('trustCoefficient'),
      };
    default:
      return kind satisfies never;
  }
}

/** Reads how a convolution is computed from untrusted JSON. @throws `INVALID_CHECKPOINT` naming the field */
export function parseLayerRecipe(json: JsonReader): LayerRecipe {
  return {
    forward: json.field('forward').oneOf(PASS_RECIPES.forward),
    data: json.field('data').oneOf(PASS_RECIPES.data),
    weight: json.field('weight').oneOf(PASS_RECIPES.weight),
  };
}
