const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Characters that are not to be seen, or that move others about: controls, line and paragraph
 * separators, bidirectional overrides, halves of surrogate pairs, the byte order mark.
 */
const UNSEEN = /[\p{Cc}\p{Cs}\u2028\u2029\u200b\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Makes text of anybody's fit for HTML and SVG, in elements and in quoted attributes. What cannot be
 * seen becomes visible: `\u{7}`, `\u{202e}`.
 *
 * @example
 * escapeText('<b>&\n'); // '&lt;b&gt;&amp;\\u{a}'
 */
export function escapeText(text: string): string {
  return text
    .replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** Cuts a text to at most `length` characters, the last one an ellipsis; does not cut a character in two. */
export function shortenText(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
