/** How far the files of a model are on their way. */
export interface Progress {
  readonly loadedBytes: number;
  /** `null` where a server does not say. */
  readonly totalBytes: number | null;
}

export type OnProgress = (progress: Progress) => void;

export interface ProgressSum {
  /**
   * @param total - its size, where it is known already
   * @returns what one more file reports to
   */
  add(total?: number): (loadedBytes: number, totalBytes: number | null) => void;
}

/** Adds up what files report that are fetched side by side. */
export function createProgress(onProgress: OnProgress | undefined): ProgressSum {
  const files: { loaded: number; total: number | null }[] = [];
  return {
    add(expected) {
      const file: (typeof files)[number] = { loaded: 0, total: expected ?? null };
      files.push(file);
      return (loaded, total) => {
        file.loaded = loaded;
        file.total = total;
        const loadedBytes = files.reduce((sum, each) => sum + each.loaded, 0);
        const isKnown = files.every((each) => each.total !== null);
        const totalBytes = isKnown ? files.reduce((sum, each) => sum + (each.total ?? 0), 0) : null;
        onProgress?.({ loadedBytes, totalBytes });
      };
    },
  };
}
