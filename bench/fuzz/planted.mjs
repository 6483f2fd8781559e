// Readers with the faults that the fuzzer must see, for its own test.
import { AlexNetError } from '@alexnet/core';

const seeds = ['weights/numpy/array-version1.npy'];
const refuse = () => {
  throw new AlexNetError('INVALID_MODEL', { message: 'no' });
};

export const FORMATS = {
  refuses: { seeds, read: refuse },
  crashes: {
    seeds,
    read: (bytes) => (bytes.length % 2 === 0 ? refuse() : undefined.length),
  },
  hoards: {
    seeds,
    read: () => {
      const held = Array.from({ length: 12 }, () => new Uint8Array(500_000));
      if (held.length > 0) refuse();
    },
  },
  wastes: {
    seeds,
    read: () => {
      for (let index = 0; index < 12; index += 1) new Uint8Array(500_000).fill(index);
      refuse();
    },
  },
  dawdles: {
    seeds,
    read: () => {
      // Of the processor's time, which is what is measured.
      const begin = process.cpuUsage();
      for (;;) {
        const { user, system } = process.cpuUsage(begin);
        if (user + system > 1.2e6) refuse();
      }
    },
  },
  accepts: { seeds, read: () => ({ tensors: new Map() }) },
};
