import { AlexNetError, type Graph, inferShapes, type Node, type Shape } from '@alexnet/core';
import { describeOp } from './describe-op.ts';

/** How the boxes of a stage come from those before them. */
export type Arrival =
  | {
      readonly kind: 'convolution';
      /** [height, width] */
      readonly kernel: readonly [number, number];
      readonly strides: readonly [number, number];
      readonly group: number;
    }
  | { readonly kind: 'dense' }
  /** By pooling or flattening alone, at the end of a network without a dense layer. */
  | { readonly kind: 'rest' };

/** A place of the network that the picture shows as a box, or as one box for each tower. */
export interface Stage {
  readonly kind: 'picture' | 'maps' | 'dense';
  /** The layer's name. */
  readonly name: string;
  /** Channels, or features of a dense layer. */
  readonly channels: number;
  /** [height, width] of the maps; [1, 1] of a dense layer. */
  readonly size: readonly [number, number];
  /** What the layer does, and what follows it, each in parts that belong on one line: `ReLU`. */
  readonly captions: readonly (readonly string[])[];
  /** Null for the picture. */
  readonly arrival: Arrival | null;
  /** `Max pooling`, on the way to this stage. */
  readonly poolings: readonly string[];
  /** Whether it is drawn in two towers. */
  readonly isSplit: boolean;
}

type Draft = Omit<Stage, 'isSplit'>;

/**
 * Cuts a network into what the paper's figure 2 draws as boxes: the picture, each convolution's maps, each dense
 * layer. What stands between them (activations, normalisation, pooling, dropout) becomes captions.
 *
 * A network with a convolution of two groups has two towers, from its first layer to the last but one.
 *
 * @throws {@link AlexNetError} `UNSUPPORTED` if the input is no picture [C, H, W]
 */
export function cutIntoStages(graph: Graph): readonly Stage[] {
  const [channels = 0, height = 0, width = 0] = graph.input.shape;
  if (graph.input.shape.length !== 3) {
    throw new AlexNetError('UNSUPPORTED', {
      message: `The input "${graph.input.name}" of ${graph.name} is [${graph.input.shape.join(', ')}], but the paper's style draws pictures: [channels, height, width].`,
      hint: 'The style "caffe" draws any network.',
      path: [graph.input.name],
    });
  }
  const shapes = inferShapes(graph);
  const chain = findChain(graph);
  const shapeOf = (name: string): Shape => shapes.get(name) ?? [];
  const drafts: Draft[] = [
    {
      kind: 'picture',
      name: graph.input.name,
      channels,
      size: [height, width],
      captions: [[`${channels} × ${height} × ${width}`]],
      arrival: null,
      poolings: [],
    },
  ];
  let poolings: readonly string[] = [];
  for (const node of chain) {
    const { caption, pooling } = describeOp(node, shapeOf(node.inputs[0]));
    const captions = caption.length === 0 ? [] : [caption];
    const arrival = findArrival(node);
    if (arrival !== null) {
      drafts.push({
        ...describeValue(shapeOf(node.output)),
        name: node.name,
        captions,
        arrival,
        poolings,
      });
      poolings = [];
      continue;
    }
    const last = drafts.pop();
    if (last) drafts.push({ ...last, captions: [...last.captions, ...captions] });
    // A pooling that finds its size already made, as torchvision's adaptive one at 224 pixels, changes nothing.
    const isIdle = shapeOf(node.inputs[0]).join() === shapeOf(node.output).join();
    if (pooling !== null && !isIdle) poolings = [...poolings, pooling];
  }
  return split([...drafts, ...findRest(drafts.at(-1), shapeOf(graph.output), poolings)], chain);
}

/** The nodes on the way from the input to the output, in the order in which they run. */
function findChain({ nodes, input, output }: Graph): readonly Node[] {
  const makers = new Map(nodes.map((node) => [node.output, node]));
  const chain: Node[] = [];
  for (let value = output; value !== input.name; ) {
    const node = makers.get(value);
    if (node === undefined) break;
    chain.unshift(node);
    value = node.inputs[0];
  }
  return chain;
}

function findArrival(node: Node): Arrival | null {
  if (node.op === 'Gemm') return { kind: 'dense' };
  if (node.op !== 'Conv') return null;
  const { kernelShape, strides, group } = node.attributes;
  return { kind: 'convolution', kernel: kernelShape, strides, group };
}

function describeValue([, channels = 0, ...size]: Shape): Pick<
  Draft,
  'kind' | 'channels' | 'size'
> {
  const [height, width] = size;
  if (height === undefined || width === undefined) return { kind: 'dense', channels, size: [1, 1] };
  return { kind: 'maps', channels, size: [height, width] };
}

/** A last box, where poolings or a flattening at the end have changed the shape of the one before. */
function findRest(
  last: Draft | undefined,
  shape: Shape,
  poolings: readonly string[],
): readonly Draft[] {
  const value = describeValue(shape);
  const isDrawn =
    value.kind === last?.kind &&
    value.channels === last.channels &&
    value.size.join() === last.size.join();
  if (isDrawn) return [];
  return [{ ...value, name: 'output', captions: [], arrival: { kind: 'rest' }, poolings }];
}

function split(drafts: readonly Draft[], chain: readonly Node[]): readonly Stage[] {
  const hasTowers = chain.some((node) => node.op === 'Conv' && node.attributes.group === 2);
  return drafts.map((draft, index) => {
    const isMiddle = draft.kind !== 'picture' && index < drafts.length - 1;
    return { ...draft, isSplit: hasTowers && isMiddle && draft.channels % 2 === 0 };
  });
}
