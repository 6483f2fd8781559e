import type { Graph } from '../graph/graph.ts';
import type { Weights } from '../tensor.ts';
import type { Preprocessing } from './preprocessing.ts';

/** A network with its weights and all that is needed to use it right. */
export interface Model {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly metadata: ModelMetadata;
}

/** What travels with the weights, in every file that we write. */
export interface ModelMetadata {
  /** Id of the preset that the graph was built from; `null` for a network of your own. */
  readonly preset: string | null;
  /** Names of the classes, by index of the output. */
  readonly labels: readonly string[];
  readonly preprocessing: Preprocessing;
  readonly provenance: Provenance;
}

/** Where the weights come from. */
export interface Provenance {
  /** `initialized` weights know nothing yet. */
  readonly origin: 'initialized' | 'trained' | 'imported';
  /** Of the initialisation and of everything random in training. */
  readonly seed?: number;
  /** Optimiser steps taken. */
  readonly steps?: number;
  readonly epochs?: number;
  /** Best validation figures of the training that made the weights; shares between 0 and 1. */
  readonly validation?: { readonly loss: number; readonly top1: number; readonly top5: number };
  /** File or data set that the weights were made from, by name, never by path. */
  readonly source?: string;
  /** Colours of the training pictures, where the training went by them. */
  readonly colours?: TrainingColours;
}

/** Colours of a set of pictures; values are bytes / 255, as red, green, blue. */
export interface TrainingColours {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Of the covariance of the channels, the largest first. */
  readonly eigenvalues: readonly number[];
  /** A unit vector for each eigenvalue. */
  readonly eigenvectors: readonly (readonly number[])[];
}
