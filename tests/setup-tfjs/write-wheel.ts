import { createHash } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';

export interface WheelOptions {
  /** As in the name of the `.dist-info`. */
  readonly name?: string;
  readonly version?: string;
  readonly tag?: string;
  /** In place of a library's bytes, behind its checksum. */
  readonly damaged?: boolean;
}

const HEADERS = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/core/platform/ctstring.h',
  'tensorflow/python/not_needed.h',
];

/** A wheel as PyPI has TensorFlow's, of a few kilobytes. */
export function writeWheel({
  name = 'tensorflow_cpu',
  version = '2.21.0',
  tag = 'cp311-cp311-manylinux_2_27_x86_64',
  damaged = false,
}: WheelOptions = {}): Buffer {
  const files: [string, Buffer][] = [
    ['tensorflow/libtensorflow_cc.so.2', Buffer.alloc(4096, 'cc')],
    ['tensorflow/libtensorflow_framework.so.2', Buffer.alloc(4096, 'fw')],
    ['tensorflow/__init__.py', Buffer.from('raise SystemExit\n')],
    ...HEADERS.map((path): [string, Buffer] => [`tensorflow/include/${path}`, Buffer.from('\n')]),
  ];
  const info = `${name}-${version}.dist-info`;
  const record = files.map(
    ([path, bytes]) =>
      `${path},sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}`,
  );
  if (damaged) files[0]?.[1].fill('x');
  return writeZip([
    ...files,
    [`${info}/WHEEL`, Buffer.from(`Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: ${tag}\n`)],
    [`${info}/RECORD`, Buffer.from(`${record.join('\n')}\n${info}/RECORD,,\n`)],
  ]);
}

/** @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3 */
export function writeZip(files: readonly (readonly [name: string, bytes: Buffer])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const packed = deflateRawSync(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const local = [Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed];
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), fields, place, Buffer.from(name));
    parts.push(...local);
    offset += local.reduce((sum, part) => sum + part.length, 0);
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
