import { escapeText } from './escape.ts';
import { formatTick } from './format-number.ts';
import { type Point, thinPoints } from './smooth.ts';
import { makeTicks, makeWholeTicks, type Ticks } from './ticks.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Colour and dash, as the page's style sheet has them; shape of the marks. */
  readonly role: 'training' | 'validation' | 'validation-top5' | 'raw' | 'rate';
}

export interface Curve {
  readonly title: string;
  /** One sentence for those who do not see it. */
  readonly description: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
  /** Ends of the y axis; from 0 to the largest value of all series but the raw one unless given. */
  readonly yRange?: readonly [low: number, high: number];
  /** `share` writes 0.5 as 50 %. */
  readonly yFormat?: 'number' | 'share';
}

const WIDTH = 496;
const HEIGHT = 290;
const PLOT = { left: 62, top: 12, right: 466, bottom: 238 } as const;
/** Up to here each point gets a mark. */
const MAX_MARKS = 40;
/** Stretches that a long curve is thinned to: about one per unit of width. */
const BUCKETS = 400;

/** A chart of curves over one x axis: a figure with heading, legend and inline SVG. */
export function renderCurve(curve: Curve): string {
  const frame = fitFrame(curve);
  const shapes = curve.series.map((series) => renderSeries(series, frame)).join('');
  return (
    `<figure class="chart"><figcaption><h3>${escapeText(curve.title)}</h3>${renderLegend(curve)}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(`${curve.title}. ${curve.description}`)}">` +
    `<title>${escapeText(curve.title)}</title>` +
    `${renderAxes(curve, frame)}${shapes}</svg></figure>`
  );
}

interface Frame {
  readonly xTicks: Ticks;
  readonly yTicks: Ticks;
  toX(x: number): number;
  toY(y: number): number;
}

function fitFrame({ series, yRange }: Curve): Frame {
  const finite = series.flatMap(({ points, role }) =>
    points.filter(({ y }) => Number.isFinite(y)).map((point) => ({ ...point, role })),
  );
  const xs = finite.map(({ x }) => x);
  const leading = finite.filter(({ role }) => role !== 'raw');
  const ys = (leading.length > 0 ? leading : finite).map(({ y }) => y);
  const [xLow, xHigh] = widen(findLowest(xs, 0), findHighest(xs, 1));
  const [yLow, yHigh] = yRange ?? widen(Math.min(0, findLowest(ys, 0)), findHighest(ys, 1) * 1.05);
  const scale = (low: number, high: number, from: number, to: number) => (value: number) =>
    from + ((clamp(value, low, high) - low) / (high - low)) * (to - from);
  return {
    xTicks: makeWholeTicks(xLow, xHigh, 6),
    yTicks: makeTicks(yLow, yHigh, 5),
    toX: scale(xLow, xHigh, PLOT.left, PLOT.right),
    toY: scale(yLow, yHigh, PLOT.bottom, PLOT.top),
  };
}

function renderAxes({ xLabel, yFormat = 'number' }: Curve, frame: Frame): string {
  const { xTicks, yTicks, toX, toY } = frame;
  const xMarks = xTicks.values.map(
    (value) =>
      `<path class="tick" d="M${place(toX(value))} ${PLOT.bottom}v5"/>` +
      `<text x="${place(toX(value))}" y="${PLOT.bottom + 20}" text-anchor="middle">${formatTick(value, xTicks.step)}</text>`,
  );
  const yMarks = yTicks.values.map((value) => {
    const text =
      yFormat === 'share'
        ? `${formatTick(value * 100, yTicks.step * 100)} %`
        : formatTick(value, yTicks.step);
    return (
      `<path class="grid" d="M${PLOT.left} ${place(toY(value))}H${PLOT.right}"/>` +
      `<text x="${PLOT.left - 8}" y="${place(toY(value) + 5)}" text-anchor="end">${text}</text>`
    );
  });
  const middle = (PLOT.left + PLOT.right) / 2;
  return (
    `<g class="axes">${yMarks.join('')}${xMarks.join('')}` +
    `<path class="axis" d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}"/>` +
    `<text x="${middle}" y="${HEIGHT - 8}" text-anchor="middle">${escapeText(xLabel)}</text></g>`
  );
}

function renderSeries({ points, role }: Series, { toX, toY }: Frame): string {
  const finite = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  if (finite.length === 0) return '';
  const path = thinPoints(finite, BUCKETS)
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${place(toX(x))} ${place(toY(y))}`)
    .join('');
  const hasMarks = role !== 'raw' && finite.length <= MAX_MARKS;
  const marks = hasMarks ? finite.map(({ x, y }) => renderMark(role, toX(x), toY(y))).join('') : '';
  return `<g class="series ${role}"><path class="line" d="${path}"/>${marks}</g>`;
}

/** Training's marks are round, validation's square, top 5's lozenges: told apart without colours. */
function renderMark(role: Series['role'], x: number, y: number): string {
  switch (role) {
    case 'validation':
      return `<path class="mark" d="M${place(x - 3.5)} ${place(y - 3.5)}h7v7h-7z"/>`;
    case 'validation-top5':
      return `<path class="mark" d="M${place(x)} ${place(y - 5)}l5 5l-5 5l-5-5z"/>`;
    case 'training':
    case 'rate':
    case 'raw':
      return `<circle class="mark" cx="${place(x)}" cy="${place(y)}" r="3.5"/>`;
  }
}

function renderLegend({ series }: Curve): string {
  if (series.length < 2) return '';
  const entries = series.map(({ name, role, points }) => {
    const hasMark = role !== 'raw' && points.length <= MAX_MARKS;
    return (
      `<li><svg viewBox="0 0 28 12" width="28" height="12" aria-hidden="true"><g class="series ${role}">` +
      `<path class="line" d="M1 6H27"/>${hasMark ? renderMark(role, 14, 6) : ''}</g></svg>${escapeText(name)}</li>`
    );
  });
  return `<ul class="legend">${entries.join('')}</ul>`;
}

/** Opens an empty span, so that a single point has an axis too. */
function widen(low: number, high: number): readonly [number, number] {
  if (high > low) return [low, high];
  return low === 0 ? [0, 1] : [low - Math.abs(low) / 2, high + Math.abs(high) / 2];
}

function findLowest(values: readonly number[], fallback: number): number {
  return values.length > 0 ? values.reduce((a, b) => Math.min(a, b)) : fallback;
}

function findHighest(values: readonly number[], fallback: number): number {
  return values.length > 0 ? values.reduce((a, b) => Math.max(a, b)) : fallback;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** A coordinate with one digit after the point. */
function place(coordinate: number): string {
  return String(Math.round(coordinate * 10) / 10);
}
