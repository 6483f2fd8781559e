import { AlexNetError } from '@alexnet/core';

/** What a file says of itself for people; viewers show it. */
export interface About {
  /** Of the graph; the network's own unless given. */
  readonly name?: string;
  /** A whole number, which grows from one release of a model to the next. */
  readonly version?: number;
  readonly description?: string;
  readonly author?: string;
  /** By its name, `Apache-2.0` for example. */
  readonly license?: string;
}

/** Longest texts, in UTF-16 units. */
const LIMITS = { name: 500, description: 100_000, author: 1000, license: 1000 } as const;

/** @throws AlexNetError `INVALID_ARGUMENT` naming the field */
export function checkAbout(about: About): void {
  for (const field of ['name', 'description', 'author', 'license'] as const) {
    const text = about[field];
    if (text !== undefined) checkText(field, text);
  }
  const { version = 0 } = about;
  if (Number.isSafeInteger(version) && version >= 0) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: `The version is ${version}, but ONNX has whole numbers from 0 for it.`,
    hint: 'Count the releases of the model: 1, 2, 3.',
    path: ['about', 'version'],
  });
}

function checkText(field: keyof typeof LIMITS, text: string): void {
  const limit = LIMITS[field];
  const lines = field === 'description' ? text.replace(/[\n\t]/g, ' ') : text;
  const isText = lines.trim() !== '' && !/\p{Cc}/u.test(lines);
  if (isText && text.length <= limit) return;
  throw new AlexNetError('INVALID_ARGUMENT', {
    message: isText
      ? `The ${field} has ${text.length} characters; ${limit} is the limit.`
      : `The ${field} is ${JSON.stringify(text.slice(0, 100))}: empty, or with control characters.`,
    hint: `Give a shorter text of letters as the ${field}.`,
    path: ['about', field],
  });
}
