// `pnpm build`: compiles the whole tree, tests included.
import { compile } from './compile.mjs';
import { setUp } from './setup.mjs';

try {
  await setUp({ build: false });
  const { code, output } = await compile();
  process.stdout.write(output);
  process.exitCode = code;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
