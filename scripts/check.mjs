// `pnpm check`: what can be said without running the code, in a few seconds.
import { runStages } from './stages.mjs';

process.exitCode = await runStages(['lint', 'boundaries', 'architecture', 'build', 'knip']);
