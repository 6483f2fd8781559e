import { readFile } from 'node:fs/promises';
import { arch, cpus, platform } from 'node:os';

/** What the time of an operator follows from, beside its shapes. */
export interface Machine {
  /** The processor's name, and where the system tells them, its model and what it can do. */
  readonly cpu: string;
  readonly cores: number;
  /** Of a run; `null` where the runtime decides. */
  readonly threads: number | null;
  /** Channels in a block of the runtime's blocked convolutions, which is the width of its vectors. */
  readonly blockedChannels: number | null;
  /** Name and version. */
  readonly runtime: string;
}

/** Lines of Linux's list of processors that tell one kind from another: virtual machines share names. */
const TELLING = /^(vendor_id|cpu family|model|model name|stepping|flags|CPU \w+|Features)\s*:/;

/** The processor in words: the same on machines of one kind. */
export async function describeProcessor(): Promise<string> {
  const names = `${platform()} ${arch()} ${cpus()[0]?.model.trim() ?? 'unknown'}`;
  if (platform() !== 'linux') return names;
  const [first = ''] = (await readFile('/proc/cpuinfo', 'utf8')).split('\n\n');
  const lines = first.split('\n').filter((line) => TELLING.test(line));
  return [names, ...lines.map((line) => line.replace(/\s+/g, ' ').trim())].join('\n');
}
