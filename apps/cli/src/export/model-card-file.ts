import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AlexNetError } from '@alexnet/core';
import { writeFileAtomic } from '@alexnet/export/node';
import { onMissing } from '../terminal/on-missing.ts';
import { CARD_MARK, type CardFacts, formatModelCard } from './model-card.ts';

/** Writes the card beside the model. @param model - path of the model's file */
export async function writeModelCard(model: string, facts: CardFacts): Promise<void> {
  await writeFileAtomic(cardOf(model), [new TextEncoder().encode(formatModelCard(facts))]);
}

/**
 * A card takes the place of an older one, and of nothing else.
 *
 * @throws {@link AlexNetError} `ALREADY_EXISTS` for a README.md that is somebody's own
 */
export async function checkCard(model: string): Promise<void> {
  const card = cardOf(model);
  const text = await readFile(card, 'utf8').catch(onMissing(null));
  if (text === null || text.includes(CARD_MARK)) return;
  throw new AlexNetError('ALREADY_EXISTS', {
    message: `There is a file ${card} already, which is no model card of ours.`,
    hint: 'Write the model to another folder: the card stands beside it as README.md.',
    path: [card],
  });
}

function cardOf(model: string): string {
  return join(dirname(model), 'README.md');
}
