import type { TrainingEvent } from '../trainer/training-event.ts';
import type { Checkpoint } from './checkpoint.ts';

/**
 * Where a training leaves its results: a folder in Node, anything a page likes in a browser. Without one,
 * a training leaves nothing but its events.
 */
export interface RunStore {
  /** Adds one line to the run's metrics. */
  appendMetrics(event: TrainingEvent): Promise<void>;
  /**
   * Writes a checkpoint so that it is there whole or not at all, makes it the last one and, if it is, the
   * best; older ones that are neither may go.
   *
   * @returns its name
   */
  saveCheckpoint(checkpoint: Checkpoint, options: { readonly best: boolean }): Promise<string>;
  /**
   * The checkpoint that was written last; `null` before the first. Without it, a training whose numbers run away
   * takes all its steps again to find where.
   */
  readLastCheckpoint?(): Promise<Checkpoint | null>;
}
