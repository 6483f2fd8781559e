/** How a decoder sees a file otherwise than Pillow; docs/preprocessing.md has the reasons. */
export type PictureException =
  /** Pillow clips 16 bits at 255; here the upper byte counts, as for 16-bit colour. */
  | { readonly kind: 'upper-byte' }
  /** Not turned: Pillow alone reads an orientation in XMP. As this other file, which is stored alike. */
  | { readonly kind: 'as-stored'; readonly like: string }
  /** Off by this many levels at most, and somewhere by as many. */
  | { readonly kind: 'levels'; readonly levels: number };

const EVERYWHERE: Readonly<Record<string, PictureException>> = {
  'grey-16.png': { kind: 'upper-byte' },
  'interlaced-16.png': { kind: 'upper-byte' },
  'xmp-6.jpg': { kind: 'as-stored', like: 'exif-0.jpg' },
};

/** By decoder, then by file of `encoded/`. */
export const PICTURE_EXCEPTIONS: Readonly<
  Record<'node' | 'chromium', Readonly<Record<string, PictureException>>>
> = {
  node: EVERYWHERE,
  chromium: {
    ...EVERYWHERE,
    // Chromium multiplies ink and black and cuts what follows the point, where Pillow rounds.
    'cmyk.jpg': { kind: 'levels', levels: 1 },
    'cmyk-progressive.jpg': { kind: 'levels', levels: 1 },
    'ycck.jpg': { kind: 'levels', levels: 1 },
  },
};
