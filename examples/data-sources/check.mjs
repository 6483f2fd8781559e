// What is wrong with a data set, before a night of training: as "alexnet data check", from a program.
// Usage: node examples/data-sources/check.mjs DATA
import { checkDataset, openDataset } from '@alexnet/data/node';

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error('Usage: node examples/data-sources/check.mjs DATA');
  process.exit(2);
}

const { parts, problems } = await checkDataset(await openDataset(path), {
  split: { validation: 0.1, seed: 0 },
});
console.log(parts);
for (const { kind, isSerious, message, names } of problems) {
  console.log(`${isSerious ? 'serious' : 'look at'} · ${kind}: ${message}`);
  for (const name of names) console.log(`  ${name}`);
}
process.exitCode = problems.some(({ isSerious }) => isSerious) ? 1 : 0;
