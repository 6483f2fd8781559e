import { MEMORY_ALLOWANCE_BYTES } from '../memory-allowance.ts';

/** What a pickle may make, in bytes as `COST` counts them: so many times the file that it is part of … */
export const MAX_COST_RATIO = 3;

/** … and this much however short the file is. */
export const MIN_COST_LIMIT: number = MEMORY_ALLOWANCE_BYTES;

/** Values that wait for the container they belong to; Python's writers put 1,000 into one at a time. */
export const MAX_STACK = 100_000;

/** Largest place in the memo. Python's own reader makes a table up to the largest one named. */
export const MAX_MEMO_INDEX = 1_000_000;

/** Longest whole number. PyTorch's magic number, the longest in use, has 10 bytes. */
export const MAX_LONG_BYTES = 255;

/** Longest name, and longest line that is a number. */
export const MAX_LINE_BYTES = 1024;

/** Longest text that is decoded; longer ones are bytes of an array, which Python 3 writes so for Python 2. */
export const MAX_TEXT_BYTES = 65_536;

/** Rough sizes in memory of what a pickle makes. */
export const COST = {
  /** A place on the stack, in a list or in a tuple. */
  place: 16,
  memo: 48,
  list: 96,
  dict: 320,
  instance: 320,
  view: 128,
} as const;
