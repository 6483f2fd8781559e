import { start } from '../app.js';

start({ worker: true });
