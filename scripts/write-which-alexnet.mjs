// The tables of docs/which-alexnet.md, made from the presets themselves: `node scripts/write-which-alexnet.mjs`.
// With `--check [FILE]` it writes nothing and fails if the page is not current: a test runs that.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMain, root } from './processes.mjs';

const PAGE = join(root, 'docs/which-alexnet.md');
const core = await import(pathToFileURL(join(root, 'packages/core/dist/index.js')).href);

/** A table stands between `<!-- table: NAME -->` and `<!-- end -->`. */
const MARKERS = /<!-- table: ([\w-]+) -->\n[\s\S]*?<!-- end -->/g;

/** @type {Readonly<Record<string, () => string>>} */
const TABLES = {
  sources: () =>
    table(['preset', 'what it is', 'source'], (id, { title, source }) => [id, title, source]),
  networks: () =>
    table(
      [
        'preset',
        'input',
        'conv1',
        'channels',
        'groups',
        'sizes → features',
        'fully connected',
        'parameters',
        'multiply-adds',
      ],
      (id, _preset, { graph, summary }) => [
        id,
        `${graph.input.shape.slice(1).join('×')}×${graph.input.shape[0]}`,
        describeWindow(graph.nodes.find(({ op }) => op === 'Conv')),
        outputsOf('Conv', graph, summary).join('-'),
        String(graph.nodes.find(({ name }) => name === 'conv2').attributes.group),
        describeSizes(summary),
        outputsOf('Gemm', graph, summary).join('-'),
        summary.parameters.toLocaleString('en'),
        `${Math.round(summary.multiplyAdds / 1e6)} M`,
      ],
    ),
  order: () =>
    table(
      ['preset', 'behind conv1', 'behind conv2', 'at the last pool', 'normalisation', 'dropout'],
      (id, _preset, { graph }) => [
        id,
        describeStage(graph, 'conv1'),
        describeStage(graph, 'conv2'),
        describeStage(graph, findLastPooled(graph)),
        describeNormalisation(graph),
        describeDropout(graph),
      ],
    ),
  initialisation: () =>
    table(['preset', 'weights', 'biases'], (id, _preset, { graph }) => [
      id,
      groupLayers(graph, 'weight'),
      groupLayers(graph, 'bias'),
    ]),
  preprocessing: () =>
    table(
      ['preset', 'resize', 'crop', 'channels', 'range', 'mean', 'std'],
      (id, _preset, { preprocessing: { resize, crop, channels, scale, mean, std } }) => [
        id,
        describeResize(resize),
        crop ? `${crop.height}×${crop.width}` : '–',
        channels,
        scale === 1 ? '0–255' : '0–1',
        Array.isArray(mean) ? describeNumbers(mean, 0) : 'its own',
        describeNumbers(std, 1),
      ],
    ),
  accuracy: () =>
    rows(
      ['preset', 'top-1', 'top-5', 'on', 'source'],
      core.PRESET_IDS.flatMap((id) =>
        (core.presets[id].published ?? []).map(({ top1, top5, on, source }) => [
          `\`${id}\``,
          formatAccuracy(top1),
          formatAccuracy(top5),
          on,
          source,
        ]),
      ),
    ),
};

/** The page with its tables as the presets have them. */
function withTables(page) {
  const found = [...page.matchAll(MARKERS)].map(([, name]) => name);
  const missing = Object.keys(TABLES).filter((name) => !found.includes(name));
  if (missing.length > 0) throw new Error(`The page has no place for: ${missing.join(', ')}.`);
  return page.replace(MARKERS, (_match, name) => {
    if (!TABLES[name]) throw new Error(`There is no table "${name}".`);
    return `<!-- table: ${name} -->\n${TABLES[name]()}\n<!-- end -->`;
  });
}

/** A row for each preset. */
function table(head, cellsOf) {
  return rows(
    head,
    core.PRESET_IDS.map((id) => {
      const network = core.createNetwork(id);
      const [first, ...cells] = cellsOf(id, core.presets[id], {
        ...network,
        summary: core.summarize(network.graph),
      });
      return [`\`${first}\``, ...cells];
    }),
  );
}

function rows(head, cells) {
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function outputsOf(op, { nodes }, { layers }) {
  return layers.filter((_, index) => nodes[index].op === op).map((layer) => layer.outputShape[1]);
}

/** "11/4, [0, 0, 3, 3]" */
function describeWindow({ attributes: { kernelShape, strides, pads } }) {
  const isEven = pads.every((pad) => pad === pads[0]);
  return `${kernelShape[0]}/${strides[0]}, ${isEven ? pads[0] : `[${pads.join(', ')}]`}`;
}

/** Sides of the maps where they change, and what the flattened rest has: "55-27-13-6 → 9216". */
function describeSizes({ layers }) {
  const sides = layers
    .flatMap(({ outputShape }) => (outputShape.length === 4 ? outputShape[2] : []))
    .filter((side, index, all) => side !== all[index - 1]);
  return `${sides.join('-')} → ${layers.find(({ op }) => op === 'Flatten').outputShape[1]}`;
}

/** The last convolution that a pool stands behind. */
function findLastPooled({ nodes }) {
  const pool = nodes.findLastIndex(({ op }) => op.endsWith('Pool'));
  return nodes.slice(0, pool).findLast(({ op }) => op === 'Conv').name;
}

/** What stands between a convolution and the next one, or the flattening. */
function describeStage({ nodes }, name) {
  const start = nodes.findIndex((node) => node.name === name) + 1;
  const length = nodes.slice(start).findIndex(({ op }) => op === 'Conv' || op === 'Flatten');
  return nodes
    .slice(start, start + length)
    .filter(({ op }) => op !== 'Dropout')
    .map((node) => SHORT[node.op]?.(node) ?? node.op)
    .join(' → ');
}

const SHORT = {
  Relu: () => 'relu',
  Tanh: () => 'tanh',
  BatchNormalization: () => 'BN',
  SpatialLRN: () => 'spatial LRN',
  MaxPool: (node) => `max pool ${describeWindow(node).replace(/, 0$/, '')}`,
  AveragePool: (node) => `average pool ${describeWindow(node).replace(/, 0$/, '')}`,
};

function describeNormalisation({ nodes }) {
  const texts = nodes.flatMap(({ op, attributes }) => {
    if (op === 'BatchNormalization')
      return `BN, ε ${attributes.epsilon}, momentum ${attributes.momentum}`;
    if (op !== 'LRN' && op !== 'SpatialLRN') return [];
    const { size, alpha, beta, k, groups } = attributes;
    const window = op === 'LRN' ? size : `spatial ${size}×${size}`;
    const towers = groups > 1 ? ', each tower alone' : '';
    return `${window}, α ${formatNumber(alpha)}, β ${beta}, k ${k}${towers}`;
  });
  return [...new Set(texts)].join('; ') || 'none';
}

function describeDropout({ nodes }) {
  const places = nodes.flatMap(({ op, attributes }, index) => {
    if (op !== 'Dropout') return [];
    const next = nodes.slice(index).find((node) => node.op === 'Gemm' || node.op === 'Conv');
    return { ratio: attributes.ratio, before: next.name };
  });
  if (places.length === 0) return 'none';
  return `${places[0].ratio} before ${places.map(({ before }) => before).join(', ')}`;
}

/** "N(0, 0.01); N(0, 0.005) in fc6, fc7": what most layers have, then the others. */
function groupLayers({ parameters }, role) {
  const layers = parameters
    .filter(({ name }) => name.endsWith('.weight'))
    .map(({ name, shape }) => {
      const layer = name.slice(0, -'.weight'.length);
      const { initializer } = parameters.find(({ name }) => name === `${layer}.${role}`);
      return { layer, texts: describeInitializer(initializer, shape) };
    });
  const all = layers.flatMap(({ texts }) => texts);
  const countOf = (text) => all.filter((other) => other === text).length;
  const groups = new Map();
  for (const { layer, texts } of layers) {
    const [text] = texts.toSorted((a, b) => countOf(b) - countOf(a));
    groups.set(text, [...(groups.get(text) ?? []), layer]);
  }
  const [most, ...others] = [...groups].sort(([, a], [, b]) => b.length - a.length);
  return [most[0], ...others.map(([text, names]) => `${text} in ${names.join(', ')}`)].join('; ');
}

/** All that can be said of it: where fan-in and fan-out are the same, several rules give the same numbers. */
function describeInitializer(initializer, [out, inputs, ...kernel]) {
  switch (initializer.kind) {
    case 'constant':
      return [formatNumber(initializer.value)];
    case 'normal':
      return [`N(${initializer.mean}, ${formatNumber(initializer.std)})`];
    case 'truncated-normal':
      return [`N(${initializer.mean}, ${formatNumber(initializer.std)}) within 2σ`];
    default: {
      const positions = kernel.reduce((product, length) => product * length, 1);
      const [fanIn, fanOut] = [inputs * positions, out * positions];
      const square = initializer.bound ** 2;
      const rules = [
        isNear(square * fanIn, 1) ? ['uniform ± 1/√fan-in'] : [],
        isNear(square * fanIn, 3) ? ['uniform ± √(3/fan-in)'] : [],
        isNear(square * (fanIn + fanOut), 6) ? ['uniform ± √(6/(fan-in + fan-out))'] : [],
      ].flat();
      return rules.length > 0 ? rules : [`uniform ± ${formatNumber(initializer.bound)}`];
    }
  }
}

function isNear(value, expected) {
  return Math.abs(value / expected - 1) < 1e-9;
}

function describeResize(resize) {
  switch (resize.mode) {
    case 'none':
      return 'none';
    case 'short-side':
      return `short side ${resize.size}, ${describeFilter(resize)}`;
    default:
      return `${resize.height}×${resize.width}, ${describeFilter(resize)}`;
  }
}

function describeFilter({ filter, antialias }) {
  return antialias ? filter : `${filter}, not antialiased`;
}

/** "none" where all are what changes nothing. */
function describeNumbers(values, nothing) {
  return values.every((value) => value === nothing) ? 'none' : values.map(formatNumber).join(', ');
}

function formatAccuracy(percent) {
  return `${percent.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 3 })} %`;
}

/** No more digits than a reader wants: 1.11e-4, 0.485. */
function formatNumber(value) {
  if (value === 0) return '0';
  return Math.abs(value) < 0.001
    ? value.toExponential(2).replace(/\.?0+e/, 'e')
    : String(Number(value.toFixed(3)));
}

if (isMain(import.meta.url)) {
  const [mode, file = PAGE] = process.argv.slice(2);
  const page = readFileSync(file, 'utf8');
  const current = withTables(page);
  if (mode !== '--check') writeFileSync(file, current);
  else if (page !== current) {
    process.stderr.write(
      `${file} is not what the presets say: node scripts/write-which-alexnet.mjs\n`,
    );
    process.exitCode = 1;
  }
}
