import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** What axe-core finds wrong with the page as it is now: rule and place. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  await finishTransitions(page);
  // As an expression: the page's security policy lets no script in.
  await page.evaluate(axe.source);
  const results = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
  if (results.passes.length === 0) throw new Error('axe-core looked at nothing.');
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
  );
}

/** A colour halfway from one to another is neither of those that a reader sees. */
async function finishTransitions(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const animation of document.getAnimations()) {
      if (animation instanceof CSSTransition) animation.finish();
    }
  });
}
