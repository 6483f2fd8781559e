import { basename } from 'node:path';
import { countClasses, type Model, summarize } from '@alexnet/core';
import type { About } from '@alexnet/export';
import type { WrittenFile } from '@alexnet/export/node';
import { formatCount, formatPercent } from '../terminal/format.ts';
import { FORM_COLUMNS, type FormsReport, formatRow } from './report-forms.ts';

export interface CardFacts {
  readonly model: Model;
  readonly about: About;
  readonly written: WrittenFile;
  readonly report: FormsReport;
  /** Name of the pictures that the figures are of, without folders. */
  readonly data: string;
}

/** By this line a card of ours is known, which may be written over. */
export const CARD_MARK = '<!-- Written by alexnet export --report. -->';

/**
 * A model card: what the model is, is for, and how good it is, as Hugging Face shows it.
 *
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function formatModelCard(facts: CardFacts): string {
  const { model, about, report, data } = facts;
  const name = about.name ?? model.graph.name;
  const body = [
    CARD_MARK,
    `# ${escapeMarkdown(name)}`,
    ...(about.description ? [escapeMarkdown(about.description)] : []),
    '## Intended use',
    `Sorts a picture into one of ${countClasses(model.graph)} classes, and into one of them whatever it shows: the model does not say "none of these". It knows pictures like those that it was trained on, and was not examined for use where a wrong answer does harm.`,
    '## Labels',
    model.metadata.labels.map((label, index) => `${index}. ${escapeMarkdown(label)}`).join('\n'),
    '## Preprocessing',
    'The file says it itself, and the packages of `@alexnet` do it. For other programs:',
    `\`\`\`json\n${JSON.stringify(model.metadata.preprocessing, hideNumbers, 2)}\n\`\`\``,
    '## Training',
    describeTraining(model),
    '## Metrics',
    `On ${formatCount(report.evaluation.count)} pictures of \`${data}\`: top-1 ${formatPercent(report.evaluation.top1)}, top-5 ${formatPercent(report.evaluation.top5)}, loss ${report.evaluation.loss.toFixed(4)}. The forms that the model can be exported in, beside float32; ranges of int8 were measured on pictures of the same folder:`,
    formatMarkdownTable(FORM_COLUMNS, report.rows.map(formatRow)),
    '## Files',
    formatMarkdownTable(['file', 'bytes', 'sha256'], listFiles(facts.written)),
  ];
  return `---\n${formatFrontMatter(facts, name)}\n---\n\n${body.join('\n\n')}\n`;
}

function formatFrontMatter({ about, report, data }: CardFacts, name: string): string {
  // A text of JSON is one of YAML.
  const text = (value: string) => JSON.stringify(value);
  const metric = (type: string, value: number) =>
    `          - type: ${type}\n            value: ${value}`;
  return [
    ...(about.license ? [`license: ${text(about.license.toLowerCase())}`] : []),
    'library_name: onnx',
    'pipeline_tag: image-classification',
    'tags:\n  - alexnet\n  - onnx',
    'metrics:\n  - accuracy',
    'model-index:',
    `  - name: ${text(name)}`,
    '    results:',
    '      - task:\n          type: image-classification',
    `        dataset:\n          name: ${text(data)}\n          type: ${text(data)}`,
    '        metrics:',
    metric('accuracy', report.evaluation.top1),
    metric('top_5_accuracy', report.evaluation.top5),
  ].join('\n');
}

function describeTraining({ graph, metadata }: Model): string {
  const { origin, epochs, steps, seed, source, validation } = metadata.provenance;
  const { parameters } = summarize(graph);
  const facts = [
    `network ${metadata.preset ?? graph.name}, ${formatCount(parameters)} parameters`,
    `weights ${origin}${source === undefined ? '' : ` from ${escapeMarkdown(source)}`}`,
    ...(epochs === undefined ? [] : [`${epochs} epochs`]),
    ...(steps === undefined ? [] : [`${formatCount(steps)} steps`]),
    ...(seed === undefined ? [] : [`seed ${seed}`]),
    ...(validation === undefined
      ? []
      : [`best on its validation pictures: top-1 ${formatPercent(validation.top1)}`]),
  ];
  return facts.map((fact) => `- ${fact}`).join('\n');
}

function listFiles({ file, bytes, sha256, files }: WrittenFile): readonly (readonly string[])[] {
  const all = [{ name: basename(file), bytes, sha256 }, ...files];
  return all.map((each) => [each.name, formatCount(each.bytes), each.sha256]);
}

function formatMarkdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Labels are of unknown origin: what they say is text, never markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!]/g, (sign) => `\\${sign}`);
}

/** The numbers of a mean image are in the file; on the card they would be pages. */
function hideNumbers(key: string, value: unknown): unknown {
  return key === 'float32' ? '… (in the file)' : value;
}
