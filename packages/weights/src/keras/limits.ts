/** Layers of a network, or of a file of weights. ResNet-152 has 515. */
export const MAX_LAYERS = 1000;

/** Models in models. */
export const MAX_NESTING = 8;

/** Longest description of a network that is read (2 MiB); ResNet-152's has 300 kB. */
export const MAX_CONFIG_BYTES = 2_097_152;
