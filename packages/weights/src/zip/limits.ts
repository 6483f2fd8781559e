import { MEMORY_ALLOWANCE_BYTES } from '../memory-allowance.ts';

/** Files in one archive. A state dict of AlexNet has 16 arrays, a checkpoint with an optimiser some hundred. */
export const MAX_ENTRIES = 10_000;

/** Longest name of an entry. */
export const MAX_NAME_BYTES = 1024;

/**
 * An archive may unpack to this many times its own size: pruned weights, nine in ten of them zero, reach
 * about 15.
 */
export const MAX_EXPANSION = 32;

/** What any archive may unpack to, however small it is: freshly made biases are zeros. */
export const MIN_UNPACKED_BYTES: number = MEMORY_ALLOWANCE_BYTES;
