// `npm test`: everything, on a machine that has Node, npm and nothing else.
// Usage: node scripts/test.mjs [stage …] [filter for vitest …]
import { runStages, STAGES } from './stages.mjs';

const args = process.argv.slice(2);
const named = args.filter((arg) => arg in STAGES);
const filters = args.filter((arg) => !(arg in STAGES));
const names = named.length > 0 ? named : Object.keys(STAGES);

process.exitCode = await runStages(names, filters);
