import { expect, test } from 'vitest';
import { type Report, renderReport } from './report.ts';

const REPORT: Report = {
  title: 'A run',
  summary: [['Test accuracy', '90.0 %']],
  history: {
    steps: [
      { step: 1, loss: 2.3, learningRate: 0.01 },
      { step: 2, loss: 1.1, learningRate: 0.01 },
    ],
    epochs: [
      {
        epoch: 1,
        trainingLoss: 1,
        trainingAccuracy: 0.7,
        validation: { loss: 0.9, top1: 0.75, top5: 0.99 },
      },
      {
        epoch: 2,
        trainingLoss: 0.5,
        trainingAccuracy: 0.8,
        validation: { loss: 0.6, top1: 0.81, top5: 1 },
      },
    ],
  },
  confusion: {
    labels: ['cat', 'dog'],
    counts: [
      [9, 1],
      [1, 9],
    ],
  },
  pictures: [
    {
      dataUrl: 'data:image/png;base64,AAAA',
      trueLabel: 'cat',
      predictedLabel: 'dog',
      probability: 0.6,
    },
  ],
};

/** Every place from which a page could fetch something. */
const ADDRESSES =
  /(?:src|href|action|data|poster)\s*=\s*"(?!data:image\/)|url\(|@import|<(?:script|link|iframe|object|embed)/i;

test('needs nothing but itself', () => {
  const html = renderReport(REPORT);
  expect(html).not.toMatch(ADDRESSES);
  expect(html).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
  expect('<img src="https://example.org/a.png">').toMatch(ADDRESSES);
});

test('has every part, in order', () => {
  const headings = [...renderReport(REPORT).matchAll(/<h([123])>(.*?)<\/h\1>/g)].map(
    ([, , text]) => text,
  );
  expect(headings).toEqual([
    'A run',
    'Training',
    'Loss per step',
    'Loss per epoch',
    'Accuracy per epoch',
    'Classes',
    'Most frequent mix-ups',
    'Test pictures',
  ]);
});

test('the worst pictures come before the others', () => {
  const html = renderReport({ ...REPORT, worst: REPORT.pictures ?? [] });
  expect(html.indexOf('Worst pictures')).toBeGreaterThan(html.indexOf('Classes'));
  expect(html.indexOf('Worst pictures')).toBeLessThan(html.indexOf('Test pictures'));
});

test('says the numbers of each epoch in a table', () => {
  expect(renderReport(REPORT)).toContain(
    '<tr><th scope="row">2</th><td>0.5</td><td>80.00 %</td><td>0.6</td><td>81.00 %</td><td>100.00 %</td></tr>',
  );
});

test('shows the learning rate if it changes, and top 5 if it says anything', () => {
  const { steps, epochs } = REPORT.history;
  const falling = steps.map((step) => ({ ...step, learningRate: 0.01 / step.step }));
  expect(renderReport({ ...REPORT, history: { steps: falling, epochs } })).toContain(
    '<h3>Learning rate</h3>',
  );
  expect(renderReport(REPORT)).toContain('validation, top 5');
  const certain = epochs.map((epoch) => ({
    ...epoch,
    validation: { loss: 1, top1: 0.5, top5: 1 },
  }));
  expect(renderReport({ ...REPORT, history: { steps, epochs: certain } })).not.toContain(
    'validation, top 5',
  );
});

test('anybody’s texts end up as text, wherever they stand', () => {
  const evil = `</title><script>alert("1")</script>'\u0007\u202e`;
  const visible =
    '&lt;/title&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;\\u{7}\\u{202e}';
  const html = renderReport({
    ...REPORT,
    title: evil,
    summary: [[evil, evil]],
    confusion: {
      labels: [evil, 'dog'],
      counts: [
        [9, 1],
        [1, 9],
      ],
    },
    pictures: [
      {
        dataUrl: 'data:image/png;base64,AAAA',
        trueLabel: evil,
        predictedLabel: `${evil}!`,
        probability: 1,
      },
    ],
  });
  expect(html).not.toMatch(/<script|alert\("/);
  expect(html).not.toContain('\u0007');
  expect(html).not.toContain('\u202e');
  // Title twice, summary twice, picture: alt, prediction, truth; matrix and table besides.
  expect(html.split(visible).length - 1).toBeGreaterThan(10);
});

test('leaves out what is not given', () => {
  const html = renderReport({ title: 'Empty', summary: [], history: { steps: [], epochs: [] } });
  expect(html).toContain('<h1>Empty</h1>');
  expect(html).not.toMatch(/<h2>|<dl|NaN|undefined/);
});

test('a training that diverged still makes a page', () => {
  const steps = [1, 2, 3].map((step) => ({ step, loss: Number.NaN, learningRate: 1 }));
  const epochs = [{ epoch: 1, trainingLoss: Number.POSITIVE_INFINITY, trainingAccuracy: 0.1 }];
  const html = renderReport({ title: 'Diverged', summary: [], history: { steps, epochs } });
  expect(html).toContain('was not measured');
  expect(html).not.toMatch(/d="[^"]*(NaN|Infinity)/);
});
