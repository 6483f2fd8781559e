export { type Png, type PngOptions, renderPng } from './render-png.ts';
