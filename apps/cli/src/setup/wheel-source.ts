import { basename, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { hashFile } from './hash-file.ts';
import { FRAMEWORK, isNeededHeader, LIBRARIES, type LibrarySource } from './library-source.ts';
import { pipDownload, TENSORFLOW_VERSION, type TfjsPackage } from './tfjs-packages.ts';
import { openWheel, type Wheel } from './wheel.ts';

/**
 * A wheel of TensorFlow for Linux x64, of the release that is known to work.
 *
 * @throws {@link AlexNetError} `NOT_FOUND`, `IO` for what is damaged, no wheel, or not what PyPI has by that name;
 *   `UNSUPPORTED` for one of another project, version or platform
 */
export async function readWheelSource(
  path: string,
  wanted: TfjsPackage,
  signal?: AbortSignal,
): Promise<LibrarySource> {
  const wheel = await openWheel(path);
  try {
    checkWheel(wheel, wanted);
    if (basename(path) === wanted.wheel.fileName) await checkSum(path, wanted, signal);
    const sizeBytes = wheel.measure(placeOfWheelFile);
    if (sizeBytes === 0) throw otherWheel(wheel, wanted, 'has no TensorFlow library in it');
    return {
      sizeBytes,
      place: async (target, abort) => {
        const opened = await openWheel(path);
        try {
          await opened.unpack(placeOfWheelFile, { target, signal: abort });
        } finally {
          opened.close();
        }
      },
    };
  } finally {
    wheel.close();
  }
}

function placeOfWheelFile(path: string): string | null {
  const [, file = ''] = /^tensorflow\/([^/]+)$/.exec(path) ?? [];
  if (file === FRAMEWORK || file === LIBRARIES[0]) return join('lib', file);
  const [, header = ''] = /^tensorflow\/include\/(.+)$/.exec(path) ?? [];
  return isNeededHeader(header) ? join('include', header) : null;
}

function checkWheel(wheel: Wheel, wanted: TfjsPackage): void {
  const { name, version, tags } = wheel;
  const project = name.toLowerCase().replace(/[_.-]+/g, '-');
  if (project !== wanted.project) {
    const other = project === 'tensorflow' ? '; --gpu takes it' : '';
    throw otherWheel(wheel, wanted, `is of ${project}${other}`);
  }
  const release = TENSORFLOW_VERSION.replace(/\.\d+$/, '.');
  if (!version.startsWith(release)) throw otherWheel(wheel, wanted, `is version ${version}`);
  if (!tags.some((tag) => /linux.*_x86_64$/.test(tag))) {
    throw otherWheel(wheel, wanted, `is for another platform (${tags.join(', ')})`);
  }
}

function otherWheel({ path }: Wheel, wanted: TfjsPackage, what: string): AlexNetError {
  return new AlexNetError('UNSUPPORTED', {
    message: `${path} ${what}; what is needed is ${wanted.project} ${TENSORFLOW_VERSION} for Linux x86_64.`,
    hint: `Fetch it where there is a connection: python3 -m pip ${pipDownload(wanted).join(' ')}`,
    path: [path],
  });
}

async function checkSum(
  path: string,
  { wheel, project }: TfjsPackage,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = await hashFile(path, signal);
  if (found === wheel.sha256) return;
  throw new AlexNetError('IO', {
    message: `${path} is not what PyPI has by that name: its sha256 is ${found}, and that of ${project} ${TENSORFLOW_VERSION} is ${wheel.sha256}.`,
    hint: 'It was changed, or damaged on its way: fetch it again, from another mirror if it stays so.',
    path: [path],
  });
}
