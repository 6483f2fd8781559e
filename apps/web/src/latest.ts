/** One task at a time: the newest ends the one before. */
export interface Latest {
  /**
   * Starts a task.
   *
   * @param task - to give up when its signal is aborted
   * @returns `null` if a later call, or `stop`, came before its end
   * @throws what the task throws
   */
  run<Result>(task: (signal: AbortSignal) => Promise<Result>): Promise<Result | null>;
  stop(): void;
}

export function createLatest(): Latest {
  let controller = new AbortController();
  return {
    async run(task) {
      controller.abort();
      controller = new AbortController();
      const { signal } = controller;
      try {
        const result = await task(signal);
        return signal.aborted ? null : result;
      } catch (error) {
        if (signal.aborted) return null;
        throw error;
      }
    },
    stop() {
      controller.abort();
    },
  };
}
