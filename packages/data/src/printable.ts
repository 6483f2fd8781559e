/** A name as one line of a message can hold it: control characters as `\x0a`. */
export function toPrintable(name: string): string {
  return name.replace(
    /\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
