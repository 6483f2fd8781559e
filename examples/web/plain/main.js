import { start } from '../app.js';

// A worker sees no import map: here the model lives on the page.
await start({});
