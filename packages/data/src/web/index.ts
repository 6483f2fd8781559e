export { decodePicture, readBitmap } from './decode-picture.ts';
