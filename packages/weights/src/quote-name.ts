/** Longest part of a foreign name in a message, in characters. */
const MAX_SHOWN = 60;

/** A name out of a file, as it can stand in a message: quoted, control characters escaped, cut where it is long. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name);
}
