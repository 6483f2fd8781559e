import { AlexNetError } from '@alexnet/core';
import { parseLabels } from './labels-file.ts';

/** A class as a file of names lists it. */
export interface ClassName {
  readonly name: string;
  /** What folders and lists call it, where that is another word: its WordNet id. */
  readonly key: string;
}

const WORDNET_ID = /^n\d{8}$/;
const SYNSET_LINE = /^(n\d{8})[ \t]+(.+)$/;

/** `n01440764`, as ImageNet's folders are called. */
export function isWordNetId(word: string): boolean {
  return WORDNET_ID.test(word);
}

/**
 * Names of classes, one a line, in the order of the classes: `cat`, or `n01440764 tench, Tinca tinca` as in
 * Caffe's `synset_words.txt`.
 *
 * @param name - what messages call the file
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the line that is empty, holds control characters or
 *   says what another one says
 */
export function parseClassNames(text: string, name: string): readonly ClassName[] {
  const lines = parseLabels(text, name);
  const synsets = lines.map((line) => SYNSET_LINE.exec(line));
  const classes = lines.map((line, index) => {
    const [, key = line, words = line] = synsets[index] ?? [];
    return synsets.includes(null) ? { name: line, key: line } : { name: words, key };
  });
  const seen = new Map<string, number>();
  classes.forEach(({ key }, index) => {
    const before = seen.get(key);
    if (before !== undefined) {
      throw new AlexNetError('INVALID_DATASET', {
        message: `${name} names the class "${key}" twice, in lines ${before + 1} and ${index + 1}.`,
        hint: 'Give each class a name of its own.',
        path: [name],
      });
    }
    seen.set(key, index);
  });
  return classes;
}
