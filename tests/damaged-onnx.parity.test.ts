import { testDamagedFiles } from './damaged-onnx.ts';

testDamagedFiles(600);
