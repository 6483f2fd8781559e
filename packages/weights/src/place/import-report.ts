import type { PresetId } from '@alexnet/core';
import type { WeightFormat } from '../weight-file.ts';

/** What a person should know who uses imported weights, in sentences. */
export interface ImportReport {
  readonly format: WeightFormat;
  /** Id of the preset that the network is; `null` for a network of its own. */
  readonly preset: string | null;
  readonly classes: number;
  readonly parameters: number;
  /** What the file's names and shapes told. */
  readonly decisions: readonly string[];
  /** What they cannot tell, what was taken instead, and the option that says otherwise. */
  readonly conventions: readonly string[];
  /** Layers that start anew, and arrays of the file that were left out. */
  readonly skipped: readonly string[];
  /** What the file says besides. */
  readonly notes: readonly string[];
  /** Order in which the file was taken to flatten feature maps, where that had to be assumed or said; else null. */
  readonly fc6Order: 'CHW' | 'HWC' | null;
  /** Other presets that have the same shapes. */
  readonly alternatives: readonly PresetId[];
  /** Whether the file says how pictures are prepared. */
  readonly knowsPreprocessing: boolean;
  /** Where each parameter of the network came from; empty where the file's own description says it. */
  readonly placed: readonly PlacedParameter[];
}

export interface PlacedParameter {
  readonly parameter: string;
  /** Names of the file; `null` for one that starts anew. */
  readonly tensor: string | null;
}

/** The report as lines, the most important first. */
export function formatImportReport(report: ImportReport): readonly string[] {
  const { decisions, conventions, skipped, notes } = report;
  return [
    ...decisions,
    ...conventions.map((line) => `assumed: ${line}`),
    ...skipped.map((line) => `left out: ${line}`),
    ...notes.map((line) => `note: ${line}`),
  ];
}
