/** Runs at most so many tasks at a time; the others wait in the order they came. */
export interface Limiter {
  run<Result>(task: () => Promise<Result>): Promise<Result>;
}

export function createLimiter(limit: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(task) {
      if (running < limit) running += 1;
      // Who ends a task hands its place over: `running` stays.
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
