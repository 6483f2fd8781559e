import { testDamagedFiles } from './damaged-onnx.ts';

// The first of those that damaged-onnx.parity.test.ts reads.
testDamagedFiles(200);
