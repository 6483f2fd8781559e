import type { ErrorMessage } from '@alexnet/core';
import type { BatchSettings, RenderJob } from '../../batches/picture-renderer.ts';
import type { Picture } from '../../picture/picture.ts';

/** A batch is opened, rows of it are rendered, then it is taken, and freed when nobody looks at it any more. */
export type RenderRequest =
  | { readonly kind: 'open'; readonly batch: number; readonly settings: BatchSettings }
  | { readonly kind: 'render'; readonly batch: number; readonly jobs: readonly RenderJob[] }
  | { readonly kind: 'take'; readonly batch: number }
  | { readonly kind: 'free'; readonly batch: number };

/** To `render` and `take`, in their order. */
export type RenderReply =
  | { readonly kind: 'rendered'; readonly outcomes: readonly RenderOutcome[] }
  /** In shared memory. */
  | { readonly kind: 'taken'; readonly images: Float32Array };

/** Of a job: whether the picture was had, or the picture, or why the row could not be written. */
export type RenderOutcome = boolean | Picture | ErrorMessage;
