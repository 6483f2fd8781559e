import type { ErrorMessage } from '@alexnet/core';
import type { RenderJob } from '../../batches/picture-renderer.ts';

/** Some jobs for one thread; their `out` lies in shared memory. */
export type RenderRequest = readonly RenderJob[];

/** Of each job of the request, in its order: `null`, or why it failed. */
export type RenderReply = readonly (ErrorMessage | null)[];
