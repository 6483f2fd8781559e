import { answerCall } from '../worker-call.ts';
import { makeView } from './view.ts';

answerCall(makeView);
