import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { ParameterFactors, UpdateRule } from '@alexnet/autodiff';
import type { Graph } from '@alexnet/core';
import type { OnnxReferenceFile, ReferenceFile } from './reference-network.ts';

/** What the files hold, by name: those of make_gradients.py, then those of make_reference_*.py. */
export interface GoldenFiles {
  readonly 'gradients/ops.json.gz': { readonly cases: readonly GoldenCase[] };
  readonly 'gradients/mini.json.gz': GoldenNetwork;
  readonly 'gradients/caffe-alexnet.json.gz': GoldenNetwork;
  readonly 'gradients/optimizers.json.gz': { readonly runs: readonly GoldenRun[] };
  readonly 'gradients/targets.json.gz': {
    readonly rate: number;
    readonly runs: readonly GoldenTargetRun[];
  };
  readonly 'reference/torch.json.gz': ReferenceFile;
  readonly 'reference/tensorflow.json.gz': ReferenceFile;
  readonly 'reference/onnx.json.gz': OnnxReferenceFile;
}

/** A small graph with all that goes in and comes out. */
export interface GoldenCase {
  readonly name: string;
  readonly graph: Graph;
  readonly image: GoldenTensor;
  readonly parameters: Readonly<Record<string, GoldenTensor>>;
  /** By Dropout node. */
  readonly masks: Readonly<Record<string, GoldenTensor>>;
  readonly target: GoldenTensor;
  readonly normalizer: number;
  readonly loss: number;
  readonly logits: GoldenTensor;
  readonly gradients: Readonly<Record<string, GoldenTensor>>;
  readonly imageGradient: GoldenTensor;
  /** Parameters that do not learn. */
  readonly frozen: readonly string[];
  /** The running statistics after the step. */
  readonly statistics: Readonly<Record<string, GoldenTensor>>;
}

export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** One step of a whole network, whose inputs are hashed values. */
export interface GoldenNetwork {
  readonly preset: string;
  readonly batchSize: number;
  /** Rows of the batch that are not padding. */
  readonly pictures: number;
  readonly classes: number;
  readonly loss: number;
  readonly logits: GoldenSummary;
  readonly gradients: Readonly<Record<string, GoldenSummary>>;
}

/** Size of an array, and its values at `samplePositions`. */
export interface GoldenSummary {
  readonly shape: readonly number[];
  readonly max: number;
  readonly l1: number;
  readonly l2: number;
  readonly sum: number;
  readonly samples: readonly number[];
}

export interface GoldenRun {
  readonly name: string;
  readonly update: UpdateRule;
  /** By parameter; none where there are no particular ones. */
  readonly factors?: Readonly<Record<string, ParameterFactors>>;
  readonly learningRates: readonly number[];
  readonly losses: readonly number[];
  readonly weights: Readonly<Record<string, GoldenSummary>>;
  /** The moving average of the weights, where one is kept. */
  readonly averages?: Readonly<Record<string, GoldenSummary>>;
}

/** As make_targets.py has them. */
export interface GoldenTargetRun {
  readonly name: string;
  readonly smoothing: number;
  readonly classWeights: readonly number[] | null;
  /** Of the first of two classes; `null` where each picture has one. */
  readonly share: number | null;
  readonly losses: readonly number[];
  readonly weights: Readonly<Record<string, GoldenSummary>>;
}

export function readGolden<Name extends keyof GoldenFiles>(name: Name): GoldenFiles[Name] {
  return JSON.parse(gunzipSync(readFileSync(new URL(name, import.meta.url))).toString('utf8'));
}

/** Names and sums as the README next to the files lists them. */
export function listedChecksums(): readonly { readonly name: string; readonly sha256: string }[] {
  const text = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^\|\s*`(\S+)`\s*\|\s*`([0-9a-f]{64})`/gm)].map(
    ([, name = '', sha256 = '']) => ({ name, sha256 }),
  );
}

export function checksum(name: string): string {
  return createHash('sha256')
    .update(readFileSync(new URL(name, import.meta.url)))
    .digest('hex');
}
