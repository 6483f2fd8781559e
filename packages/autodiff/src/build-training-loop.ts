import type { Graph, Shape } from '@alexnet/core';
import {
  createOnnxBuilder,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type OnnxBuilder,
} from '@alexnet/export';
import { buildTrainingStep, type TrainingStepOptions } from './build-training-step.ts';
import type { StateArray, TrainingStep } from './training-step.ts';

export type TrainingLoopOptions = Omit<TrainingStepOptions, 'form' | 'inStages'>;

/** K training steps as one ONNX model, K from run to run another: the state goes in once and comes out once. */
export interface TrainingLoop {
  /** Encode with `encodeModel`. */
  readonly model: ModelProto;
  /** What the loop repeats. Its inputs `image`, `target`, `normalizer`, masks and scalars have K in front here. */
  readonly step: TrainingStep;
  /** The step's state, with the loop's outputs; they may not lie in the buffers of the inputs. */
  readonly state: readonly StateArray[];
  /** Name of an output, float32 [K]: the loss before each update. */
  readonly losses: string;
  /** Name of an output, float32 [K, N, classes]: the logits before each update. */
  readonly logits: string;
}

/** Of names inside the loop: an inner value may not be called as an outer one. */
const PREFIX = 'step/';
/** The axis of K, free in the model. */
const STEPS = 'steps';

/**
 * Builds K steps of the `update` form around ONNX's `Loop`, whose loop-carried values are the state: for devices
 * where crossing from the host costs more than a step gains by writing in place. K is the length of the inputs, 1 or
 * more.
 *
 * @throws {@link AlexNetError} as `buildTrainingStep`
 */
export function buildTrainingLoop(graph: Graph, options: TrainingLoopOptions): TrainingLoop {
  const step = buildTrainingStep(graph, { ...options, form: 'update' });
  const builder = createOnnxBuilder(`${graph.name}-training-loop`);
  const perStep = listPerStep(step);
  for (const { name, shape } of perStep) builder.input(name, 'float32', [STEPS, ...shape]);
  const carried = step.state.map(({ input, shape }) => builder.input(input, 'float32', shape));
  const varying = new Set([...perStep.map(({ name }) => name), ...carried]);
  const constant = graph.parameters.filter(
    ({ name }) => !varying.has(name) && step.model.graph.input.some((input) => input.name === name),
  );
  for (const { name, shape } of constant) builder.input(name, 'float32', shape);

  const body = makeBody(builder, step, { perStep, constant: constant.map(({ name }) => name) });
  const count = builder.op('Shape', [step.normalizer], { start: { i: 0 }, end: { i: 1 } });
  const outputs = builder.ops(
    'Loop',
    [count, '', ...carried],
    { body: { g: body } },
    carried.length + 2,
  );
  const state = step.state.map((array, i) => ({ ...array, output: outputs[i] ?? '' }));
  const [losses = '', logits = ''] = outputs.slice(carried.length);
  builder.output(losses, 'float32', [STEPS]);
  builder.output(logits, 'float32', [STEPS, ...step.target.shape]);
  for (const { output, shape } of state) builder.output(output, 'float32', shape);
  const domains = Object.fromEntries(
    step.model.opsetImport
      .filter(({ domain }) => domain !== '')
      .map(({ domain, version }) => [domain, Number(version)]),
  );
  return { model: builder.build({ domains }), step, state, losses, logits };
}

interface PerStep {
  readonly name: string;
  readonly shape: Shape;
}

/** The inputs that every step has its own of. */
function listPerStep({ image, target, normalizer, scalars, masks }: TrainingStep): PerStep[] {
  const single = [normalizer, ...scalars].map((name) => ({ name, shape: [1] }));
  return [image, target, ...single, ...masks];
}

/** The step as the loop's body: it selects its own inputs, and hands the state on. */
function makeBody(
  builder: OnnxBuilder,
  step: TrainingStep,
  {
    perStep,
    constant,
  }: { readonly perStep: readonly PerStep[]; readonly constant: readonly string[] },
): GraphProto {
  const frame = builder.subgraph('step', (inner) => {
    const iteration = inner.input('iteration', 'int64', []);
    const condition = inner.input('condition', 'bool', []);
    inner.output(inner.op('Identity', [condition]), 'bool', []);
    for (const { name } of perStep) {
      inner.op('Gather', [name, iteration], { axis: { i: 0 } }, { output: PREFIX + name });
    }
  });
  const rename = (name: string) => (name === '' || constant.includes(name) ? name : PREFIX + name);
  const { node, initializer, input, output } = step.model.graph;
  const pick = (values: typeof input, name: string) =>
    values
      .filter((value) => value.name === name)
      .map((value) => ({ ...value, name: rename(name) }));
  const results = [...step.state.map((array) => array.output), step.loss, step.logits];
  return {
    ...frame,
    node: [...frame.node, ...node.map((each): NodeProto => renameNode(each, rename))],
    initializer: [
      ...frame.initializer,
      ...initializer.map((tensor) => ({ ...tensor, name: rename(tensor.name ?? '') })),
    ],
    input: [...frame.input, ...step.state.flatMap((array) => pick(input, array.input))],
    output: [...frame.output, ...results.flatMap((name) => pick(output, name))],
  };
}

function renameNode(node: NodeProto, rename: (name: string) => string): NodeProto {
  return {
    ...node,
    name: `${PREFIX}${node.name}`,
    input: node.input.map(rename),
    output: node.output.map(rename),
  };
}
