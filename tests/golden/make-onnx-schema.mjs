// Writes what ONNX's messages are made of (names, numbers and types of fields, no text) as protobufjs keeps it.
// Usage: node tests/golden/make-onnx-schema.mjs PATH/TO/onnx/onnx-ml.proto > tests/golden/onnx-schema.json
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const { root } = protobuf.parse(readFileSync(process.argv[2], 'utf8'));
process.stdout.write(`${JSON.stringify(root.toJSON(), null, 1)}\n`);
