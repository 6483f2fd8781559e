export {
  type DotOptions,
  RANK_DIRECTIONS,
  type RankDirection,
  toDot,
} from './caffe/dot.ts';
export { type CaffeStyleOptions, drawCaffeStyle } from './caffe/draw-caffe-style.ts';
export { THEMES, type Theme } from './palette.ts';
export { drawPaperStyle, type PaperStyleOptions } from './paper/draw-paper-style.ts';
export { BACKGROUNDS, type Background, type SvgOptions } from './render-svg.ts';
