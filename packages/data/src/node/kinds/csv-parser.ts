/** Reads tables of text; this is the only file that knows where it comes from. */
export type CsvModule = typeof import('csv-parse/sync');

/** Loads csv-parse when the first table needs it. */
export async function loadCsvParser(): Promise<CsvModule> {
  return import('csv-parse/sync');
}
