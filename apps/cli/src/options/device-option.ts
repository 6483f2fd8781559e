import { NODE_DEVICES } from '@alexnet/runtime-node';
import { Option } from 'commander';

/** `--device`, the same in every command that runs a model. */
export function deviceOption(): Option {
  return new Option(
    '--device <device>',
    'where to run; auto takes CUDA where it works, else the CPU',
  )
    .choices(['auto', ...NODE_DEVICES])
    .default('auto');
}
