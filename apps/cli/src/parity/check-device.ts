import { AlexNetError } from '@alexnet/core';

/** @throws {@link AlexNetError} `PARITY` where something else ran than what was asked for */
export function checkDevice(runtime: string, asked: string, ran: string): void {
  if (asked === ran) return;
  throw new AlexNetError('PARITY', {
    message: `${runtime} was asked to run on ${asked}, and ran on ${ran}.`,
    hint: 'Please report it with the model, the versions and the machine.',
  });
}
