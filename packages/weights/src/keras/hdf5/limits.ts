/** Groups, attributes and datasets are read once: more than this many times the file's length is a loop. */
export const MAX_STRUCTURE_PASSES = 4;

/** Structure that is read of any file, however long (32 MiB). AlexNet's takes some 40 kB. */
export const MAX_STRUCTURE_BYTES = 33_554_432;

/** Longest name of a group, a dataset or an attribute. */
export const MAX_NAME_BYTES = 1024;

/** Axes of an array: HDF5's own limit. */
export const MAX_RANK = 32;

/** Levels of a tree. HDF5's have two or three where there are millions of entries. */
export const MAX_TREE_DEPTH = 16;

/** Pieces that an object's header or a dataset lies in. */
export const MAX_PIECES = 65_536;

/** Groups in groups. A Keras model has two more for each model that it holds. */
export const MAX_GROUP_DEPTH = 32;

/** Nodes, messages, names and chunks of one file. AlexNet's file has some 1000, ResNet-152's some 20,000. */
export const MAX_PARTS = 131_072;

/** Arrays of one file. ResNet-152 has 932. */
export const MAX_ARRAYS = 4096;
