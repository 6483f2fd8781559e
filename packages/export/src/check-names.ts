import { AlexNetError } from '@alexnet/core';
import type { GraphProto } from './proto/messages.ts';

/** Longest name, in UTF-16 units, of a node, a value, an axis or an attribute. */
const MAX_NAME_LENGTH = 500;

/**
 * Names from a file come back in error messages, tables and file names: those that are longer than any
 * name of a layer, or hold control characters (a terminal's commands begin with one), are refused.
 *
 * @throws AlexNetError `INVALID_MODEL`
 */
export function checkNames(graph: GraphProto): void {
  checkName(graph.name);
  for (const { name } of graph.initializer) checkName(name);
  for (const { name, type } of [...graph.input, ...graph.output]) {
    checkName(name);
    for (const { dimParam } of type?.tensorType?.shape?.dim ?? []) checkName(dimParam);
  }
  for (const node of graph.node) {
    for (const name of [node.name, node.opType, node.domain, ...node.input, ...node.output]) {
      checkName(name);
    }
    for (const { name, g } of node.attribute) {
      checkName(name);
      if (g) checkNames(g);
    }
  }
}

function checkName(name: string | undefined): void {
  if (name === undefined || (name.length <= MAX_NAME_LENGTH && !hasControlCharacter(name))) return;
  throw new AlexNetError('INVALID_MODEL', {
    message:
      name.length > MAX_NAME_LENGTH
        ? `The model has a name of ${name.length} characters; ${MAX_NAME_LENGTH} is the limit.`
        : `The model has a name with control characters: ${JSON.stringify(name)}.`,
    hint: 'The file is damaged, or made to do harm.',
  });
}

function hasControlCharacter(name: string): boolean {
  return /\p{Cc}/u.test(name);
}
