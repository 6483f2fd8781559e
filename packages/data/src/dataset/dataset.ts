import type { Picture } from '../picture/picture.ts';
import type { DeferredPicture } from './deferred-picture.ts';

/**
 * Pictures with a class each. Implement it to bring a source of your own: everything of this package
 * that takes a data set takes yours.
 */
export interface Dataset {
  /** For messages: the folder's or the file's name, never its path. */
  readonly name: string;
  /** Names of the classes, by index. */
  readonly labels: readonly string[];
  /** How many pictures there are. */
  readonly length: number;
  /** Where all pictures are alike and that is known without decoding. */
  readonly channels?: 1 | 3;
  readonly pictureSize?: { readonly width: number; readonly height: number };
  /** The short side that large JPEGs were given by decoding them at a reduced scale; none unless given. */
  readonly shrinkOnLoad?: number;
  /** Index of the picture's class. */
  labelOf(index: number): number;
  /** What messages call the picture. */
  nameOf(index: number): string;
  /** The picture's identity: the same wherever the picture stands in the order. Splits go by it. */
  keyOf(index: number): string;
  /**
   * Decodes the picture. Several may be asked for at the same time, in any order.
   *
   * @throws AlexNetError `INVALID_PICTURE`, `NOT_FOUND` or `IO` if this one picture cannot be had; it is
   *   then left out and counted. Any other error ends the reading.
   */
  readPicture(index: number): Promise<Picture>;
  /**
   * As `readPicture`, but a picture that a renderer can read or decode where it works is left to it. Where that
   * fails, `readPicture` has the last word.
   *
   * @throws as `readPicture`
   */
  deferPicture?(index: number): Promise<Picture | DeferredPicture>;
  /**
   * The deferred picture was had, and was what it should be.
   *
   * @param picture - at its short side, in memory of its own, where the deferred picture wants its pixels
   */
  confirmPicture?(index: number, picture?: Picture): void;
  /**
   * The picture's file as it is stored, where each picture is one: to compare files, or to decode elsewhere.
   *
   * @throws as `readPicture`
   */
  readFile?(index: number): Promise<Uint8Array>;
}
