/** Memory that reading may take whatever the file's size (4 MiB): below, how many times its size that is says nothing. */
export const MEMORY_ALLOWANCE_BYTES = 4_194_304;
