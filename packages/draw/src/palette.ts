/** Whether a picture is for a light or a dark page; `auto` follows the page that shows it. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** What a colour is for. */
export type Tone =
  | 'paper'
  | 'ink'
  | 'muted'
  | 'outline'
  | 'picture-front'
  | 'picture-top'
  | 'picture-side'
  | 'map-front'
  | 'map-top'
  | 'map-side'
  | 'dense-front'
  | 'dense-top'
  | 'dense-side'
  | 'kernel'
  | 'caffe-ink'
  | 'caffe-layer'
  | 'caffe-convolution'
  | 'caffe-pooling'
  | 'caffe-inner-product'
  | 'caffe-in-place'
  | 'caffe-blob';

type Palette = Readonly<Record<Tone, string>>;

/** The colours of Caffe's python/caffe/draw.py; its labels are black on them on any page. */
const CAFFE = {
  'caffe-ink': '#000000',
  'caffe-layer': '#6495ed',
  'caffe-convolution': '#ff5050',
  'caffe-pooling': '#ff9900',
  'caffe-inner-product': '#cc33ff',
  'caffe-in-place': '#90ee90',
  'caffe-blob': '#e0e0e0',
} as const;

/** The colours of each page, as sRGB. */
export const PALETTES: Readonly<Record<Exclude<Theme, 'auto'>, Palette>> = {
  light: {
    paper: '#ffffff',
    ink: '#1b2230',
    muted: '#566072',
    outline: '#41506a',
    'picture-front': '#f3dfc0',
    'picture-top': '#faf0df',
    'picture-side': '#f7e8cf',
    'map-front': '#d7e4f5',
    'map-top': '#edf3fb',
    'map-side': '#c3d5ee',
    'dense-front': '#d5ecdb',
    'dense-top': '#ecf7ef',
    'dense-side': '#bfdfc8',
    kernel: '#c2410c',
    ...CAFFE,
  },
  dark: {
    paper: '#11151d',
    ink: '#e9edf5',
    muted: '#a3aec0',
    outline: '#8ea3c4',
    'picture-front': '#4d3f28',
    'picture-top': '#63523a',
    'picture-side': '#40351f',
    'map-front': '#243654',
    'map-top': '#34496e',
    'map-side': '#1b2941',
    'dense-front': '#21442f',
    'dense-top': '#2f5b41',
    'dense-side': '#183423',
    kernel: '#fb923c',
    ...CAFFE,
  },
};
