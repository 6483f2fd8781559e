/** The report's style sheet: light and dark by the reader's setting, one column on a phone. */
export const PAGE_STYLE: string = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f5f6f8; --ink: #16181d; --quiet: #555b66; --line: #d4d8df;
  --training: #1d4ed8; --validation: #b45309; --top5: #0f766e; --raw: #94b0ee;
  --cell: #1e3a8a; --on-middle: #16181d; --on-high: #ffffff; --right: #15703a; --wrong: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161a; --panel: #1d2025; --ink: #e9ebef; --quiet: #a7adb8; --line: #3a3f48;
    --training: #8ab4ff; --validation: #ffb067; --top5: #5ed0c0; --raw: #47619a;
    --cell: #a8c8ff; --on-middle: #101216; --on-high: #101216; --right: #6fd08f; --wrong: #ff8f86;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1120px; padding: 28px 20px 56px; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 20px; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 44px 0 14px; }
h3 { font-size: 1rem; margin: 0; }
p { margin: 0 0 12px; color: var(--quiet); }
.summary { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 10px; margin: 0; }
.summary div { background: var(--panel); border-radius: 10px; padding: 10px 14px; min-width: 0; }
.summary dt { color: var(--quiet); font-size: .85rem; }
.summary dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 16px; }
.chart { margin: 0; background: var(--panel); border-radius: 12px; padding: 14px 14px 8px; min-width: 0; }
.chart figcaption { display: flex; flex-wrap: wrap; gap: 2px 18px; justify-content: space-between; margin-bottom: 8px; }
.chart > svg { display: block; width: 100%; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 14px; list-style: none; margin: 0; padding: 0; font-size: .85rem; }
.legend li { display: flex; align-items: center; gap: 6px; }
svg text { fill: var(--ink); font-size: 14px; }
.axes text { fill: var(--quiet); }
.axis, .tick { fill: none; stroke: var(--quiet); stroke-width: 1; }
.grid { fill: none; stroke: var(--line); stroke-width: 1; }
.series .line { fill: none; stroke: currentColor; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
.series .mark { fill: currentColor; }
.training, .rate { color: var(--training); }
.validation { color: var(--validation); }
.validation-top5 { color: var(--top5); }
.validation .line { stroke-dasharray: 7 4; }
.validation-top5 .line { stroke-dasharray: 2 4; }
.raw { color: var(--raw); }
.raw .line { stroke-width: 1; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--training); outline-offset: 2px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 28px; align-items: start; }
.columns.wide { grid-template-columns: minmax(0, 1fr); }
.confusion { display: block; width: 100%; height: auto; margin-bottom: 16px; }
.cell { fill: var(--cell); }
.border { fill: none; stroke: var(--quiet); stroke-width: 1; }
.diagonal { fill: none; stroke: var(--quiet); stroke-width: .75; }
.count { text-anchor: middle; font-variant-numeric: tabular-nums; }
text.count.middle { fill: var(--on-middle); }
text.count.high { fill: var(--on-high); }
.row { text-anchor: end; }
text.corner { text-anchor: end; fill: var(--quiet); font-size: 13px; }
.mix-ups { margin: 6px 0 0; padding-left: 24px; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; white-space: normal; overflow-wrap: anywhere; min-width: 7em; }
tbody th { font-weight: 400; }
thead th { color: var(--quiet); font-weight: 600; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
th, td, li, dd, b { unicode-bidi: isolate; }
details { margin-top: 16px; }
summary { cursor: pointer; color: var(--quiet); padding: 6px 0; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 14px; list-style: none; margin: 0; padding: 0; }
.picture { margin: 0; height: 100%; background: var(--panel); border: 2px solid transparent; border-radius: 10px; padding: 8px; font-size: .85rem; line-height: 1.35; }
.picture img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 5px; background: #000; }
.pixelated img { image-rendering: pixelated; }
.picture figcaption { margin-top: 6px; overflow-wrap: anywhere; }
.picture span { display: block; }
.verdict { font-weight: 600; }
.right .verdict { color: var(--right); }
.wrong { border: 2px dashed var(--wrong); }
.wrong .verdict { color: var(--wrong); }
@media (max-width: 600px) {
  body { padding: 18px 14px 40px; }
  .axes text { font-size: 17px; }
  .sheet { grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px; }
  .summary { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  table { font-size: .82rem; }
  th, td { padding: 6px 4px; }
  th:first-child { min-width: 5em; }
}
@media print { .chart, .picture, .summary div { break-inside: avoid; } }
`.trim();
