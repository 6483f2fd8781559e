import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds wrong with the page as it is now: rule and place. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  // As an expression: the page's security policy lets no script in.
  await page.evaluate(axe.source);
  const results = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
  if (results.passes.length === 0) throw new Error('axe-core looked at nothing.');
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
  );
}
