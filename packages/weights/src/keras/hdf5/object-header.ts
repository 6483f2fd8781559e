import { ByteReader } from '../../byte-reader.ts';
import { damagedFile, unsupportedFile } from '../../file-error.ts';
import { CHECKSUM_BYTES, checkChecksum } from './checksum.ts';
import {
  checkSignature,
  checkVersion,
  type Hdf5File,
  needAddress,
  readLength,
  readUnsigned,
} from './hdf5-file.ts';
import { MAX_PIECES } from './limits.ts';

/** Kinds of header messages. */
export const MessageType = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const IS_SHARED = 0x02;
const MUST_BE_KNOWN = 0x80;
const KNOWN_TYPES = 0x18;

/** A fact about an object: its shape, its type, a link, an attribute. */
export interface Message {
  readonly type: number;
  readonly body: Uint8Array;
  /** Whether the body only says where the fact stands. */
  readonly isShared: boolean;
  /** Which message of which object, for errors. */
  readonly place: string;
}

/** A group or a dataset. */
export interface Hdf5Object {
  readonly address: number;
  readonly messages: readonly Message[];
}

/** A stretch of messages. */
interface Piece {
  readonly address: number;
  readonly sizeBytes: number;
}

/**
 * Reads the header of a group or dataset.
 *
 * @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED`
 * @see HDF5 File Format Specification Version 3.0, IV.A
 */
export function readObject(file: Hdf5File, address: number): Hdf5Object {
  const signature = file.view(address, 4, 'an object header');
  const isNew = String.fromCharCode(...signature) === 'OHDR';
  const messages = isNew ? readVersion2(file, address) : readVersion1(file, address);
  return { address, messages };
}

/** The one message of a kind, if there is any. */
export function findMessage({ messages }: Hdf5Object, type: number): Message | undefined {
  return messages.find((message) => message.type === type);
}

/** @throws {@link AlexNetError} `UNSUPPORTED` where the fact stands in another object */
export function openMessage({ body, isShared, place }: Message): ByteReader {
  if (!isShared) return new ByteReader(body, place);
  const hint = 'Save it with h5py or Keras, which write types where they are used.';
  throw unsupportedFile(place, 'it is shared with another object', hint);
}

function readVersion1(file: Hdf5File, address: number): readonly Message[] {
  const prefixBytes = 16;
  const prefix = file.open(address, prefixBytes, 'an object header');
  checkVersion(prefix, [1]);
  prefix.skip(1, 'a reserved byte');
  const count = prefix.uint16('the number of messages');
  prefix.skip(4, 'the number of references');
  const sizeBytes = prefix.uint32('the size of the header');
  const messages: Message[] = [];
  const pieces = new Pieces(file, { address: address + prefixBytes, sizeBytes });
  for (const reader of pieces.readers()) {
    while (reader.remaining >= 8 && messages.length < count) {
      const type = reader.uint16("a message's type");
      const length = reader.uint16("a message's length");
      const flags = reader.uint8("a message's flags");
      reader.skip(3, 'reserved bytes');
      addMessage(file, { messages, pieces }, { type, flags, length }, reader);
    }
  }
  return messages;
}

function readVersion2(file: Hdf5File, address: number): readonly Message[] {
  const shortest = 6;
  const flags = file.view(address, shortest, 'an object header')[5] ?? 0;
  const sizeOfSize = 2 ** (flags & 3);
  const prefixBytes = shortest + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0) + sizeOfSize;
  const prefix = file.open(address, prefixBytes, 'an object header');
  checkSignature(prefix, 'OHDR');
  checkVersion(prefix, [2]);
  prefix.seek(prefixBytes - sizeOfSize, 'the size of the header');
  const sizeBytes = readUnsigned(prefix, sizeOfSize, 'the size of the header');
  const messages: Message[] = [];
  const whole = { address, sizeBytes: prefixBytes + sizeBytes + CHECKSUM_BYTES };
  const pieces = new Pieces(file, whole);
  let isFirst = true;
  for (const reader of pieces.readers()) {
    checkChecksum(reader);
    reader.seek(0, 'the header');
    if (!isFirst) checkSignature(reader, 'OCHK');
    else reader.seek(prefixBytes, 'the messages');
    isFirst = false;
    const headBytes = flags & 0x04 ? 6 : 4;
    while (reader.remaining >= headBytes + CHECKSUM_BYTES) {
      const type = reader.uint8("a message's type");
      const length = reader.uint16("a message's length");
      const messageFlags = reader.uint8("a message's flags");
      if (flags & 0x04) reader.skip(2, 'the creation order');
      addMessage(file, { messages, pieces }, { type, flags: messageFlags, length }, reader);
    }
  }
  return messages;
}

interface MessageHead {
  readonly type: number;
  readonly flags: number;
  readonly length: number;
}

/** Takes the message that the reader stands before, or notes where more messages are. */
function addMessage(
  file: Hdf5File,
  { messages, pieces }: { readonly messages: Message[]; readonly pieces: Pieces },
  { type, flags, length }: MessageHead,
  reader: ByteReader,
): void {
  const place = `${reader.place}, message of type ${type} at ${reader.offset}`;
  const body = reader.take(length, 'a message');
  file.spend(0, 'a message');
  if (type > KNOWN_TYPES && flags & MUST_BE_KNOWN) {
    const hint = "Save it with HDF5's default settings (h5py: without libver).";
    throw unsupportedFile(place, 'it is of a kind that is not known here, and must be', hint);
  }
  if (type === MessageType.continuation) {
    const more = new ByteReader(body, place);
    pieces.add({
      address: needAddress(file, more, 'the continuation'),
      sizeBytes: readLength(file, more, 'the continuation'),
    });
  }
  messages.push({ type, body, isShared: (flags & IS_SHARED) !== 0, place });
}

/** The stretches of one header, each read once. */
class Pieces {
  private readonly file: Hdf5File;
  private readonly pieces: Piece[];
  private readonly addresses: Set<number>;

  constructor(file: Hdf5File, first: Piece) {
    this.file = file;
    this.pieces = [first];
    this.addresses = new Set([first.address]);
  }

  add(piece: Piece): void {
    const { place } = this.file;
    if (this.addresses.has(piece.address)) {
      throw damagedFile(place, `the object header at byte ${piece.address} goes on in itself`);
    }
    if (this.pieces.length >= MAX_PIECES) {
      throw damagedFile(place, `an object header lies in more than ${MAX_PIECES} pieces`);
    }
    this.addresses.add(piece.address);
    this.pieces.push(piece);
  }

  *readers(): Generator<ByteReader> {
    for (const { address, sizeBytes } of this.pieces) {
      yield this.file.open(address, sizeBytes, 'an object header');
    }
  }
}
