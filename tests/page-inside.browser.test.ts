import { describe, expect, test } from 'vitest';
import { findBarriers } from './page/axe.ts';
import { writeModelFiles } from './page/model-files.ts';
import { choosePicture, openPage, PICTURE, readResult } from './page/open-page.ts';

// The page of apps/web, as it is built, in a browser: what it shows of the network, and that everybody can use it.

describe('look inside', () => {
  test('the heat map, the features and the filters of the present picture', async (context) => {
    const { page, complaints } = await openPage(context);
    await page.getByRole('button', { name: 'A drawn sunflower' }).click();
    await page.locator('#result-time:not(:empty)').waitFor();
    await page.getByRole('button', { name: 'Show what mattered' }).click();
    // The very picture that was classified, so that the numbers agree.
    const [best] = await readResult(page);
    const sentence = `takes ${best?.[0]} from ${best?.[1]} to `;
    await page.locator('#heat-summary', { hasText: sentence }).waitFor();
    await page.getByRole('tab', { name: 'Features' }).click();
    const layer = page.getByLabel('Layer');
    await layer.selectOption('conv2');
    await page.getByRole('group', { name: 'Feature maps of conv2' }).waitFor();
    const shape = (await page.locator('#feature-summary').textContent()) ?? '';
    const [, channels] = /^conv2: (\d+) × \d+ × \d+$/.exec(shape) ?? [];
    expect(await page.locator('#feature-grid button').count()).toBe(Number(channels));
    await page.getByRole('tab', { name: 'Filters' }).click();
    await page.getByRole('group', { name: 'Filters of conv1' }).waitFor();
    await page.getByRole('button', { name: /^Filter 0, from/ }).click();
    await page.getByRole('dialog', { name: 'Filter 0' }).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('dialog', { name: 'Filter 1' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a heat map that takes long can be stopped', async (context) => {
    const { page } = await openPage(context);
    await choosePicture(page, PICTURE);
    await page.getByRole('button', { name: 'Show what mattered' }).click();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByRole('button', { name: 'Show what mattered' }).waitFor();
    expect(await page.locator('#heat-figure').isVisible()).toBe(false);
  });
});

describe('for everybody', () => {
  test.for(['light', 'dark'] as const)(
    'no barrier that axe-core knows, %s',
    async (colorScheme, context) => {
      const { page } = await openPage(context, { context: { colorScheme } });
      expect(await findBarriers(page), 'empty').toEqual([]);
      await choosePicture(page, PICTURE);
      expect(await findBarriers(page), 'result').toEqual([]);
      await page.getByRole('button', { name: 'Show what mattered' }).click();
      await page.locator('#heat-figure').waitFor();
      expect(await findBarriers(page), 'heat map').toEqual([]);
      await page.getByRole('tab', { name: 'Features' }).click();
      await page.locator('#feature-grid button').first().waitFor();
      expect(await findBarriers(page), 'features').toEqual([]);
      await page.locator('#feature-grid button').first().click();
      expect(await findBarriers(page), 'zoom').toEqual([]);
      await page.keyboard.press('Escape');
      await page.setInputFiles('#model-file', {
        name: 'page.onnx',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from('<!doctype html>'),
      });
      await page.getByRole('alert').waitFor();
      expect(await findBarriers(page), 'error').toEqual([]);
    },
  );

  test('everything by keyboard, with a visible focus', async (context) => {
    const { page } = await openPage(context);
    const focused = (): Promise<string> =>
      page.evaluate(() => document.activeElement?.id || document.activeElement?.className || '');
    const stops: string[] = [];
    for (let i = 0; i < 9; i++) {
      await page.keyboard.press('Tab');
      stops.push(await focused());
      const outline = await page.evaluate(() => {
        const element = document.activeElement;
        const shown = element?.matches('input[type="radio"]')
          ? element.nextElementSibling
          : element;
        return shown ? getComputedStyle(shown).outlineStyle : 'none';
      });
      expect(outline, stops.at(-1)).toBe('solid');
    }
    expect(stops.slice(0, 4)).toEqual(['skip-link', 'drop-zone', 'choose-picture', 'start-camera']);
    expect(stops.slice(4, 7)).toEqual(['sample', 'sample', 'sample']);

    await page.locator('.sample').first().focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => readResult(page)).toHaveLength(5);
    await page.locator('#tab-heat').focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toBe('tab-features');
    const tiles = page.locator('#feature-grid button');
    await tiles.first().waitFor();
    await tiles.first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Channel 1' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('dialog', { name: 'Channel 2' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await tiles.nth(1).evaluate((tile) => tile === document.activeElement)).toBe(true);
  });

  test('the result is announced', async (context) => {
    const { page } = await openPage(context);
    await choosePicture(page, PICTURE);
    const [best] = await readResult(page);
    await expect.poll(() => page.locator('[aria-live]').textContent()).toBe(best?.join(', '));
  });

  test('nothing is wider than a narrow phone', async (context) => {
    const { page } = await openPage(context, {
      context: { viewport: { width: 360, height: 740 } },
    });
    const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBe(360);
    await choosePicture(page, PICTURE);
    await page.getByRole('button', { name: 'Show what mattered' }).click();
    await page.locator('#heat-figure').waitFor();
    expect(await width()).toBe(360);
    for (const tab of ['Features', 'Filters']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.locator('.tile:visible').first().waitFor();
      expect(await width(), tab).toBe(360);
    }
    await page.setInputFiles('#model-file', writeModelFiles().bare);
    await page.getByRole('button', { name: 'Use this model' }).waitFor();
    expect(await width(), 'form').toBe(360);
  });
});
