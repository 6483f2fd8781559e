import { AlexNetError } from '@alexnet/core';

/** A picture and its class as a list has them. */
export interface ListEntry {
  readonly path: string;
  /** A name or a number. */
  readonly label: string;
}

/** A line at most; paths have a few hundred letters. */
export const MAX_LINE_BYTES: number = 2 ** 16;

const NEWLINE = 0x0a;

/**
 * The lines `path label` of a list, as Caffe and kratzert's scripts write it. The label is what follows the
 * last blank (or the only tab), so that a path may hold blanks; empty lines do not count.
 *
 * @param name - what messages call the list
 * @throws {@link AlexNetError} `INVALID_DATASET` naming the line that has no label, or is longer than any path
 */
export function* parseListLines(
  bytes: Uint8Array,
  name: string,
): Generator<ListEntry, void, undefined> {
  const decoder = new TextDecoder();
  for (let at = 0, line = 1; at < bytes.length; line++) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    if (end - at > MAX_LINE_BYTES) {
      throw invalid(name, `has ${end - at} bytes in line ${line}; the limit is ${MAX_LINE_BYTES}`);
    }
    const text = decoder.decode(bytes.subarray(at, end)).trim();
    at = end + 1;
    if (text === '') continue;
    const entry = splitLine(text);
    if (entry === null) throw invalid(name, `has no label in line ${line}`);
    yield entry;
  }
}

function splitLine(text: string): ListEntry | null {
  const tab = text.indexOf('\t');
  const at = tab >= 0 ? tab : Math.max(text.lastIndexOf(' '), -1);
  const [path, label] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  return at < 0 || path === '' || label === '' ? null : { path, label };
}

function invalid(name: string, problem: string): AlexNetError {
  return new AlexNetError('INVALID_DATASET', {
    message: `${name} ${problem}.`,
    hint: 'A list has a picture and its class on each line: photos/cat.1.jpg 0',
    path: [name],
  });
}
