import { expect, test } from 'vitest';
import { renderPictureSheet } from './picture-sheet.ts';

const PICTURE = {
  dataUrl: 'data:image/png;base64,iVBORw0KGgo=',
  trueLabel: 'Shirt',
  predictedLabel: 'Shirt',
  probability: 0.876,
};

test('right pictures say what they are', () => {
  const html = renderPictureSheet([PICTURE]);
  expect(html).toContain(
    '<img src="data:image/png;base64,iVBORw0KGgo=" alt="A test picture of class Shirt">',
  );
  expect(html).toContain('<b>Shirt</b> 88 %');
  expect(html).toContain('✓ right');
});

test('wrong ones are marked by words and a cross, and say the truth', () => {
  const html = renderPictureSheet([{ ...PICTURE, predictedLabel: 'Coat' }]);
  expect(html).toContain('class="picture wrong"');
  expect(html).toContain('<b>Coat</b> 88 %');
  expect(html).toContain('✗ wrong');
  expect(html).toContain('is Shirt');
});

test.each([
  'https://example.org/a.png',
  'data:text/html;base64,PGI+',
  'data:image/svg+xml;base64,PHN2Zz4=',
  'data:image/png;base64,abc" onload="alert(1)',
  '',
])('refuses %j', (dataUrl) => {
  expect(() => renderPictureSheet([{ ...PICTURE, dataUrl }])).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', path: ['pictures[0]', 'dataUrl'] }),
  );
});
