import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  readInstalled,
  TENSORFLOW_PACKAGES,
  type TensorFlowPackage,
  tensorFlowFolder,
} from './installed.ts';

/** A package that can be loaded. */
export interface FoundTensorFlow {
  readonly package: TensorFlowPackage;
  /** Absolute folder of the package. */
  readonly directory: string;
}

/** The native half of a package. */
export const BINDING = 'tfjs_binding.node';

/**
 * The packages whose binding is there: those of the working directory, then those that are set up.
 *
 * @throws {@link AlexNetError} `INVALID_ARGUMENT` if the list of what is set up cannot be read
 */
export async function findTensorFlow(): Promise<readonly FoundTensorFlow[]> {
  const require = createRequire(join(process.cwd(), 'index.js'));
  const own = TENSORFLOW_PACKAGES.flatMap((name): readonly FoundTensorFlow[] => {
    const manifest = resolveOrNull(require, `${name}/package.json`);
    return manifest === null ? [] : [{ package: name, directory: dirname(manifest) }];
  });
  const installed = await readInstalled(tensorFlowFolder());
  return [...own, ...installed].filter(({ directory }) => hasBinding(directory));
}

function resolveOrNull(require: NodeJS.Require, specifier: string): string | null {
  try {
    return require.resolve(specifier);
  } catch {
    return null;
  }
}

/** `lib/napi-v8/tfjs_binding.node`, of whichever version of Node's interface. */
function hasBinding(directory: string): boolean {
  const folder = join(directory, 'lib');
  return (
    existsSync(folder) &&
    readdirSync(folder).some((name) => existsSync(join(folder, name, BINDING)))
  );
}
