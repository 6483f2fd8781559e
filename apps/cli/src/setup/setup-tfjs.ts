import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AlexNetError, invariant, isAlexNetError } from '@alexnet/core';
import { toFileError } from '@alexnet/export/node';
import type { InstalledTensorFlow } from '@alexnet/train/node';
import { formatBytes } from '../terminal/format.ts';
import { attachLibrary, detachLibrary, isAttached, linkLibraries } from './attach-library.ts';
import { buildBinding } from './build-binding.ts';
import { fetchWheel } from './fetch-wheel.ts';
import { findNodeHeaders, installPackage } from './install-package.ts';
import { addToList, type ListContext, readList, withSetupLock } from './installed-list.ts';
import { type Origin, type Preparation, prepare } from './prepare.ts';
import { TENSORFLOW_VERSION, TFJS_VERSION, type TfjsPackage } from './tfjs-packages.ts';
import { type Verification, verify } from './verify.ts';
import { readWheelSource } from './wheel-source.ts';

export interface SetupOptions extends ListContext {
  /** Folder whose own package is used, if it has one. */
  readonly caller: string;
  readonly origin: Origin;
}

export interface SetupOutcome {
  readonly installed: InstalledTensorFlow;
  /** `null` if it was there already. */
  readonly verification: Verification | null;
}

/**
 * Puts TensorFlow's own library under a package of TensorFlow.js. All is made in a folder beside, which gets its name
 * at the end; the list of what is set up is written last. What was interrupted leaves nothing that counts, and the
 * next call takes its remains away.
 *
 * @throws {@link AlexNetError} as `prepare`, and what fetching, building and verifying throw; `ABORTED`
 */
export async function setUpTfjs(wanted: TfjsPackage, options: SetupOptions): Promise<SetupOutcome> {
  const { root, signal } = options;
  try {
    const before = await findInstalled(wanted, options);
    if (before) return { installed: before, verification: null };
    const preparation = await prepare(wanted, options);
    return await withSetupLock(options, async () => {
      const meanwhile = await findInstalled(wanted, options);
      if (meanwhile) return { installed: meanwhile, verification: null };
      return await install(wanted, { ...options, preparation });
    });
  } catch (cause) {
    if (isAlexNetError(cause)) throw cause;
    if (signal?.aborted) throw aborted(wanted, cause);
    throw cause instanceof Error && 'syscall' in cause ? toFileError(cause, 'write', root) : cause;
  }
}

/** The folder that gets its name at the end. */
const PARTIAL = 'partial';

async function findInstalled(
  wanted: TfjsPackage,
  context: ListContext,
): Promise<InstalledTensorFlow | null> {
  const all = await readList(context);
  const entry = all.find((each) => each.package === wanted.package);
  return entry && (await isAttached(entry.directory)) ? entry : null;
}

interface Installation extends SetupOptions {
  readonly preparation: Preparation;
}

async function install(wanted: TfjsPackage, options: Installation): Promise<SetupOutcome> {
  const { root, preparation } = options;
  const places = { partial: join(root, PARTIAL), final: join(root, wanted.folder) };
  const clear = async () => {
    for (const place of Object.values(places)) await rm(place, { recursive: true, force: true });
  };
  try {
    await clear();
    const outcome = await installInto(wanted, { ...options, ...places });
    await addToList(outcome.installed, options);
    return outcome;
  } catch (cause) {
    if (preparation.found !== null) await detachLibrary(preparation.found, root);
    await clear();
    throw cause;
  }
}

interface Places {
  readonly partial: string;
  readonly final: string;
}

async function installInto(
  wanted: TfjsPackage,
  options: Installation & Places,
): Promise<SetupOutcome> {
  const { partial, final, preparation, signal, onNote } = options;
  await stageLibrary(wanted, options);
  const staged = preparation.found ?? (await stagePackage(wanted, options));
  onNote('Building the binding …');
  await buildBinding({
    compiler: preparation.compiler,
    directory: staged,
    library: partial,
    nodeHeaders: await findNodeHeaders([staged, options.caller]),
    target: join(partial, BINDING),
    signal,
  });
  await rm(join(partial, 'include'), { recursive: true });
  await rename(partial, final);
  const directory = preparation.found ?? packageIn(final, wanted);
  await attachLibrary(directory, { lib: join(final, 'lib'), binding: join(final, BINDING) });
  await rm(join(final, BINDING));
  onNote('Verifying with a training step …');
  const found = { package: wanted.package, directory };
  const verification = await verify(found, signal ? { signal } : {});
  const { tfjs, tensorflow } = verification;
  return { installed: { ...found, tfjs, tensorflow, gpu: wanted.gpu }, verification };
}

const BINDING = 'tfjs_binding.node';

function packageIn(folder: string, { package: name }: TfjsPackage): string {
  return join(folder, 'node_modules', name);
}

async function stageLibrary(
  wanted: TfjsPackage,
  { partial, preparation: { source, pip }, signal, onNote }: Installation & Places,
): Promise<void> {
  if (source) {
    onNote('Unpacking TensorFlow …');
    await source.place(partial, signal);
  } else {
    const { project, wheel } = wanted;
    invariant(pip, 'without a library there is a pip');
    onNote(`Fetching ${project} ${TENSORFLOW_VERSION} by pip (${formatBytes(wheel.sizeBytes)}) …`);
    const download = join(partial, 'download');
    const path = await fetchWheel(wanted, { pip, folder: download, signal });
    const fetched = await readWheelSource(path, wanted, signal);
    onNote('Unpacking TensorFlow …');
    await fetched.place(partial, signal);
    await rm(download, { recursive: true });
  }
  await linkLibraries(join(partial, 'lib'));
}

async function stagePackage(
  wanted: TfjsPackage,
  { partial, preparation: { npm }, signal, onNote }: Installation & Places,
): Promise<string> {
  invariant(npm, 'without a package there is an npm');
  onNote(`Installing ${wanted.package} ${TFJS_VERSION} by npm …`);
  await installPackage(wanted, { npm, folder: partial, signal });
  return packageIn(partial, wanted);
}

function aborted({ package: name }: TfjsPackage, cause: unknown): AlexNetError {
  return new AlexNetError('ABORTED', {
    message: `${name} was not set up.`,
    hint: 'Nothing is left of it; call the command again.',
    cause,
  });
}
