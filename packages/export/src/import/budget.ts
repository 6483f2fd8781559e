import { AlexNetError } from '@alexnet/core';

/** Numbers made while reading one file: 512 MiB. The weights of the largest AlexNet are 88 million. */
const MAX_MADE_ELEMENTS = 2 ** 27;

/**
 * What reading a file may allocate beyond the file's own size: a few bytes can ask for a constant, or for a
 * broadcast, of any size.
 */
export class Budget {
  private made = 0;

  /** @throws AlexNetError `UNSUPPORTED` when all of it together is more than that */
  take(name: string, elements: number): void {
    this.made += elements;
    if (this.made <= MAX_MADE_ELEMENTS) return;
    throw new AlexNetError('UNSUPPORTED', {
      message: `${name} asks for ${elements} numbers: together more than ${MAX_MADE_ELEMENTS} are computed from what the file holds.`,
      hint: 'Is this an AlexNet? The largest has 88 million weights.',
      path: [name],
    });
  }
}
