import { answerCall } from '../worker-call.ts';
import { readFirstConvolution } from './first-convolution.ts';

answerCall(readFirstConvolution);
