/** @see PKWARE APPNOTE 6.3.10, §4.3 */
export const LOCAL_HEADER = 0x04034b50;
export const DATA_DESCRIPTOR = 0x08074b50;
export const DIRECTORY_HEADER = 0x02014b50;
export const ZIP64_END = 0x06064b50;
export const ZIP64_LOCATOR = 0x07064b50;
export const END_OF_DIRECTORY = 0x06054b50;

/** What a field holds whose number stands in the zip64 extra field or record. */
export const IN_ZIP64_16 = 0xffff;
export const IN_ZIP64_32 = 0xffffffff;

export const STORED = 0;
export const DEFLATED = 8;

/** Bits of an entry's flags, §4.4.4. */
export const FLAG_ENCRYPTED = 1;
/** Sizes and checksum stand behind the data. */
export const FLAG_DESCRIPTOR = 0x8;
export const FLAG_PATCH = 0x20;
export const FLAG_STRONG_ENCRYPTION = 0x40;
export const FLAG_UTF8 = 0x800;
export const FLAG_MASKED_HEADERS = 0x2000;
