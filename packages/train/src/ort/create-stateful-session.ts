import { createInPlaceSession, type InPlaceModel } from './in-place-session.ts';
import { createMovingSession } from './moving-session.ts';
import type { StatefulSession, StatefulSessionOptions } from './stateful-session.ts';

/** Where a state lies between runs. */
export type StatePlacement = 'outputs' | 'in-place';

export function createStatefulSession({
  placement,
  ...options
}: StatefulSessionOptions<InPlaceModel> & {
  readonly placement: StatePlacement;
}): Promise<StatefulSession> {
  return placement === 'in-place' ? createInPlaceSession(options) : createMovingSession(options);
}
