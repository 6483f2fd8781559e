import type { Initializer } from '../initialize/initializer.ts';
import type { AdaptiveAveragePoolNode } from '../ops/adaptive-average-pool.ts';
import type { AveragePoolNode } from '../ops/average-pool.ts';
import type { BatchNormalizationNode } from '../ops/batch-normalization.ts';
import type { ConvNode } from '../ops/conv.ts';
import type { DropoutNode } from '../ops/dropout.ts';
import type { FlattenNode } from '../ops/flatten.ts';
import type { GemmNode } from '../ops/gemm.ts';
import type { LrnNode } from '../ops/lrn.ts';
import type { MaxPoolNode } from '../ops/max-pool.ts';
import type { ReluNode } from '../ops/relu.ts';
import type { SoftmaxNode } from '../ops/softmax.ts';
import type { SpatialLrnNode } from '../ops/spatial-lrn.ts';
import type { TanhNode } from '../ops/tanh.ts';
import type { Shape } from '../tensor.ts';

/** One operator of the network; the union is discriminated on `op`, ONNX's operator name. */
export type Node =
  | ConvNode
  | ReluNode
  | TanhNode
  | LrnNode
  | SpatialLrnNode
  | BatchNormalizationNode
  | MaxPoolNode
  | AveragePoolNode
  | AdaptiveAveragePoolNode
  | FlattenNode
  | GemmNode
  | DropoutNode
  | SoftmaxNode;

export type OpName = Node['op'];

/** The node type of an op: `NodeOf<'Conv'>`. */
export type NodeOf<Op extends OpName> = Extract<Node, { op: Op }>;

/** A layer whose outputs are sums of products of its inputs. */
export type LinearNode = NodeOf<'Conv'> | NodeOf<'Gemm'>;

/** A learnable array: its name, its shape, and the published way to fill it. */
export interface Parameter {
  /** Layer and role, as in the paper: `conv1.weight`, `fc8.bias`. */
  readonly name: string;
  readonly shape: Shape;
  /** As the source of the network publishes it; `initializeWeights` can override it. */
  readonly initializer: Initializer;
}

/**
 * A network as data: plain, readonly, JSON-serialisable. Weights live apart.
 *
 * Values are named after the node that makes them. The batch axis is implied: shapes here are of one
 * picture, every value of a run has a leading N.
 */
export interface Graph {
  readonly name: string;
  readonly input: {
    readonly name: string;
    /** [C, H, W] of a picture, [features] of a head that is trained alone. */
    readonly shape: Shape;
  };
  readonly parameters: readonly Parameter[];
  /** In an order in which they can run. */
  readonly nodes: readonly Node[];
  /** Name of the value [N, classes] that the network is for. */
  readonly output: string;
}
