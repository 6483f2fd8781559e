// `pnpm build`: compiles the whole tree, tests included, and bundles the page.
import { compile } from './compile.mjs';
import { buildPage } from './page.mjs';
import { setUp } from './setup.mjs';

try {
  await setUp({ build: false });
  const compiled = await compile();
  const { code, output } = compiled.code === 0 ? await buildPage() : compiled;
  process.stdout.write(output);
  process.exitCode = code;
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
