// `npm start`: sets up, then trains, checks and runs the first example.
import { join } from 'node:path';
import { root, run } from './processes.mjs';
import { setUp } from './setup.mjs';

try {
  await setUp();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
const example = join(root, 'examples', 'fashion-mnist', 'run.mjs');
const { code } = await run(process.execPath, [example, ...process.argv.slice(2)], {
  inherit: true,
});
process.exitCode = code;
