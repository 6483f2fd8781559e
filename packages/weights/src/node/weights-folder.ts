import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The environment variables that say where files are kept and how they are fetched. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where fetched weights are kept: `$ALEXNET_CACHE/weights`, else `$XDG_CACHE_HOME/alexnet/weights`, else
 * `~/.cache/alexnet/weights`.
 */
export function weightsFolder(environment: Environment = process.env): string {
  const { ALEXNET_CACHE: own, XDG_CACHE_HOME: shared } = environment;
  if (own) return join(resolve(own), 'weights');
  return join(shared ? resolve(shared) : join(homedir(), '.cache'), 'alexnet', 'weights');
}
