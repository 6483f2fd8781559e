import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConvolutionLayer, checkRecipe, type LayerRecipe } from '@alexnet/autodiff';
import { AlexNetError, isAlexNetError, readJson } from '@alexnet/core';
import { toFileError, writeFileAtomic } from '@alexnet/export/node';
import { parseLayerRecipe } from '../../config/parse-rules.ts';
import { ignoreMissing } from '../run/system-code.ts';
import type { Machine } from './machine.ts';

export interface RecipeCacheOptions {
  /** A file for each machine, geometry and set of gradients. */
  readonly folder: string;
  readonly machine: Machine;
  readonly measure: (layer: ConvolutionLayer) => Promise<LayerRecipe>;
  /** Told what is wrong with a file that is there, before the layer is measured anew, or with one that cannot be written. */
  readonly onTrouble?: (error: AlexNetError) => void;
}

const VERSION = 1;

/** The quickest recipe of a layer on a machine: as it was found before, else measured and kept. */
export async function findRecipe(
  layer: ConvolutionLayer,
  options: RecipeCacheOptions,
): Promise<LayerRecipe> {
  const { folder, machine, measure, onTrouble } = options;
  const of = { machine, geometry: layer.geometry, wanted: layer.wanted };
  const hash = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 32);
  const file = join(folder, `${hash}.json`);
  try {
    const known = await readRecipe(file, layer, of);
    if (known) return known;
  } catch (error) {
    if (!isAlexNetError(error)) throw error;
    onTrouble?.(error);
  }
  const recipe = await measure(layer);
  try {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(file, `${JSON.stringify({ version: VERSION, of, recipe }, null, 2)}\n`);
  } catch (error) {
    // The run records what it goes by: only the next one has to measure again.
    onTrouble?.(isAlexNetError(error) ? error : toFileError(error, 'write', file));
  }
  return recipe;
}

/** @returns `null` where there is none. @throws `INVALID_CHECKPOINT`, `INVALID_ARGUMENT`, `IO` */
async function readRecipe(
  file: string,
  { name, geometry }: ConvolutionLayer,
  of: unknown,
): Promise<LayerRecipe | null> {
  const text = await readFile(file, 'utf8')
    .catch(ignoreMissing(null))
    .catch((cause: unknown) => {
      throw toFileError(cause, 'read', file);
    });
  if (text === null) return null;
  const json = readJson(parse(text, file), { code: 'INVALID_CHECKPOINT', what: file });
  json.field('version').integer(VERSION);
  if (JSON.stringify(json.field('of').value()) !== JSON.stringify(of)) {
    throw damaged(file, 'is of another machine or layer than its name says');
  }
  const recipe = parseLayerRecipe(json.field('recipe'));
  checkRecipe(name, geometry, recipe);
  return recipe;
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(file, 'cannot be read as JSON', cause);
  }
}

function damaged(file: string, what: string, cause?: unknown): AlexNetError {
  return new AlexNetError('INVALID_CHECKPOINT', {
    message: `${file} ${what}.`,
    hint: 'It is measured and written anew.',
    cause,
  });
}
