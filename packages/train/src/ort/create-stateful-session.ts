import { createInPlaceSession, type InPlaceModel } from './in-place-session.ts';
import { createMovingSession } from './moving-session.ts';
import type { StatefulSession, StatefulSessionOptions } from './stateful-session.ts';

/**
 * Where a state lies between runs: in what a run gives (`outputs`), or in arrays that it writes over, at once
 * (`in-place`) or on the way as well (`in-stages`).
 */
export type StatePlacement = 'outputs' | 'in-place' | 'in-stages';

export function createStatefulSession({
  placement,
  ...options
}: StatefulSessionOptions<InPlaceModel> & {
  readonly placement: StatePlacement;
}): Promise<StatefulSession> {
  return placement === 'outputs' ? createMovingSession(options) : createInPlaceSession(options);
}
