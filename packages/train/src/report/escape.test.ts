import { expect, test } from 'vitest';
import { escapeText, shortenText } from './escape.ts';

test('markup becomes text', () => {
  expect(escapeText(`<img src=x onerror="a('&')">`)).toBe(
    '&lt;img src=x onerror=&quot;a(&#39;&amp;&#39;)&quot;&gt;',
  );
});

test('what cannot be seen becomes visible', () => {
  expect(escapeText('a\0b\u001b[31mc\n\u0085')).toBe('a\\u{0}b\\u{1b}[31mc\\u{a}\\u{85}');
  expect(escapeText('\u202egnp.exe\u2066')).toBe('\\u{202e}gnp.exe\\u{2066}');
  expect(escapeText('\ud800half')).toBe('\\u{d800}half');
});

test('names of all languages stay as they are', () => {
  const names = 'Löwenzahn · 蒲公英 · شیر · 👩‍🌾';
  expect(escapeText(names)).toBe(names);
});

test('shortening counts characters, not their halves', () => {
  expect(shortenText('🌷🌷🌷🌷', 3)).toBe('🌷🌷…');
  expect(shortenText('rose', 4)).toBe('rose');
});
