/** Bytes of an answer that a message shows. */
const SHOWN_BYTES = 32;

/**
 * What a server sent, in words: `200 OK, text/html, beginning with "<!doctype html>"`. The commonest wrong answer is a
 * page of its own in place of the file.
 */
export function describeAnswer(response: Response, body: Uint8Array): string {
  const status = `${response.status} ${response.statusText}`.trim();
  const type = response.headers.get('content-type') ?? 'no content type';
  return `${status}, ${type}, ${describeStart(body)}`;
}

/** The first bytes of an answer that was refused; its rest is not waited for. */
export async function readStart(response: Response): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array();
  try {
    return (await reader.read()).value ?? new Uint8Array();
  } catch {
    // Only for the message: that the connection broke as well adds nothing to it.
    return new Uint8Array();
  } finally {
    reader.cancel().catch(() => {});
  }
}

function describeStart(body: Uint8Array): string {
  if (body.length === 0) return 'with an empty body';
  const start = body.subarray(0, SHOWN_BYTES);
  const isText = start.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
  if (isText) return `beginning with ${JSON.stringify(new TextDecoder().decode(start).trim())}`;
  const hex = Array.from(start.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return `beginning with the bytes ${hex.join(' ')}`;
}
