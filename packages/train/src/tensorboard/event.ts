// Fields of tensorflow/core/util/event.proto and framework/summary.proto, by their numbers.
import { encodeFloat, WireType, WireWriter } from '@alexnet/core/protobuf';

/** One thing that TensorBoard shows. */
export type Summary =
  | { readonly tag: string; readonly scalar: number }
  | { readonly tag: string; readonly histogram: Histogram }
  | { readonly tag: string; readonly image: EncodedImage };

export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** The right end of each bucket, rising. */
  readonly limits: readonly number[];
  /** Values in each. */
  readonly counts: readonly number[];
}

export interface EncodedImage {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB. */
  readonly channels: number;
  readonly png: Uint8Array;
}

/** What an event holds beside its time and step. */
export type EventContent =
  /** The first one of a file. */
  | { readonly kind: 'version' }
  /** A training goes on here: what earlier files have of this step and later ones counts no more. */
  | { readonly kind: 'start' }
  /** An encoded GraphDef. */
  | { readonly kind: 'graph'; readonly graph: Uint8Array }
  | { readonly kind: 'summaries'; readonly summaries: readonly Summary[] };

const FILE_VERSION = 'brain.Event:2';
const SESSION_START = 1;

export function encodeEvent(
  content: EventContent,
  {
    wallTime,
    step,
  }: { /** Seconds since 1970. */ readonly wallTime: number; readonly step: number },
): Uint8Array {
  const event = new WireWriter();
  writeDouble(event, 1, wallTime);
  tag(event, 2, WireType.varint).int64(BigInt(step));
  switch (content.kind) {
    case 'version':
      tag(event, 3, WireType.bytes).text(FILE_VERSION);
      break;
    case 'graph':
      tag(event, 4, WireType.bytes).delimited(content.graph);
      break;
    case 'summaries':
      tag(event, 5, WireType.bytes).delimited(encodeSummaries(content.summaries));
      break;
    case 'start': {
      const session = tag(new WireWriter(), 1, WireType.varint).uint32(SESSION_START);
      tag(event, 7, WireType.bytes).delimited(session.finish());
      break;
    }
    default:
      content satisfies never;
  }
  return event.finish();
}

function encodeSummaries(summaries: readonly Summary[]): Uint8Array {
  const writer = new WireWriter();
  for (const summary of summaries) {
    const value = tag(new WireWriter(), 1, WireType.bytes).text(summary.tag);
    if ('scalar' in summary) tag(value, 2, WireType.fixed32).raw(encodeFloat(summary.scalar));
    else if ('image' in summary)
      tag(value, 4, WireType.bytes).delimited(encodeImage(summary.image));
    else tag(value, 5, WireType.bytes).delimited(encodeHistogram(summary.histogram));
    tag(writer, 1, WireType.bytes).delimited(value.finish());
  }
  return writer.finish();
}

function encodeImage({ width, height, channels, png }: EncodedImage): Uint8Array {
  const writer = new WireWriter();
  tag(writer, 1, WireType.varint).uint32(height);
  tag(writer, 2, WireType.varint).uint32(width);
  tag(writer, 3, WireType.varint).uint32(channels);
  return tag(writer, 4, WireType.bytes).delimited(png).finish();
}

function encodeHistogram({ limits, counts, ...sums }: Histogram): Uint8Array {
  const writer = new WireWriter();
  const { min, max, count, sum, sumSquares } = sums;
  for (const [index, value] of [min, max, count, sum, sumSquares].entries()) {
    writeDouble(writer, index + 1, value);
  }
  for (const [index, values] of [limits, counts].entries()) {
    const packed = new Uint8Array(Float64Array.from(values).buffer);
    tag(writer, index + 6, WireType.bytes).delimited(packed);
  }
  return writer.finish();
}

function writeDouble(writer: WireWriter, field: number, value: number): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  tag(writer, field, WireType.fixed64).raw(bytes);
}

function tag(writer: WireWriter, field: number, wireType: number): WireWriter {
  return writer.uint32((field << 3) | wireType);
}
