#!/usr/bin/env node
import { main } from '../dist/main.js';
import { tolerateClosedPipe } from '../dist/terminal/closed-pipe.js';

tolerateClosedPipe(process.stdout, process.stderr);
process.exitCode = await main(process.argv.slice(2));
