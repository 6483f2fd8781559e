import type { AlexNetError } from '@alexnet/core';

/**
 * One end of a channel between a thread and its worker. Messages arrive in the order they were posted,
 * copied by the structured clone algorithm.
 */
export interface Port {
  /** @param transfer - what changes hands instead of being copied: array buffers, image bitmaps */
  post(message: unknown, transfer: readonly object[]): void;
  /** Called once, before the first message can arrive. */
  listen(handlers: PortHandlers): void;
  /** Whether answers are waited for: a process may end while a worker of it has nothing to do. */
  hold?(isHeld: boolean): void;
}

export interface PortHandlers {
  message(message: unknown): void;
  /** The other side is gone: nothing will arrive any more. */
  close?(reason: AlexNetError): void;
}

/** Something to post, and the parts of it that change hands. */
export interface Parcel {
  readonly value: unknown;
  readonly transfer?: readonly object[];
}
