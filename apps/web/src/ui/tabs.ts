import { moveIndex } from './move-index.ts';

/**
 * Makes tabs of a `tablist`, by its `aria-controls`: arrow keys, Home and End choose, as the ARIA
 * Authoring Practices have it.
 *
 * @param onSelect - called with the id of the panel that is shown
 */
export function createTabs(list: HTMLElement, onSelect: (panel: string) => void): void {
  const tabs = [...list.querySelectorAll<HTMLElement>('[role="tab"]')];
  const select = (chosen: HTMLElement): void => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = document.getElementById(panelOf(tab));
      if (panel) panel.hidden = !isChosen;
    }
    onSelect(panelOf(chosen));
  };
  list.addEventListener('click', ({ target }) => {
    const tab = tabs.find((candidate) => candidate === target);
    if (tab) select(tab);
  });
  list.addEventListener('keydown', (event) => {
    const from = tabs.findIndex((tab) => tab.matches(':focus'));
    const to = moveIndex(event.key, { from, count: tabs.length, columns: tabs.length });
    const tab = tabs[to ?? -1];
    if (!tab) return;
    event.preventDefault();
    tab.focus();
    select(tab);
  });
}

function panelOf(tab: HTMLElement): string {
  return tab.getAttribute('aria-controls') ?? '';
}
