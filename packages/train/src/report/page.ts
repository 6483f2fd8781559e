import { escapeText } from './escape.ts';
import { PAGE_STYLE } from './page-style.ts';

/**
 * An HTML page that needs nothing else: no scripts, no network, and nothing in it can load any.
 *
 * @param title - anybody's text
 * @param body - markup
 */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${escapeText(title)}</title>
<style>
${PAGE_STYLE}
</style>
</head>
<body>
<main>
<h1>${escapeText(title)}</h1>
${body}
</main>
</body>
</html>
`;
}
