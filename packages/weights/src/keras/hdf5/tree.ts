import { createFileTensor } from '../../elements/create-file-tensor.ts';
import { damagedFile, unsupportedFile } from '../../file-error.ts';
import { quoteName } from '../../quote-name.ts';
import type { FileTensor } from '../../weight-file.ts';
import { type Hdf5Attribute, readAttributes, readTexts } from './attributes.ts';
import { isDataset, readDataset } from './dataset.ts';
import type { Hdf5File } from './hdf5-file.ts';
import { MAX_ARRAYS, MAX_GROUP_DEPTH } from './limits.ts';
import type { Hdf5Link } from './link.ts';
import { readLinks } from './links.ts';
import { type Hdf5Object, readObject } from './object-header.ts';

/** A group or a dataset, and the way to it. */
export interface Hdf5Node {
  /** Names from the root on. */
  readonly path: readonly string[];
  readonly object: Hdf5Object;
}

/** The groups of a file. Nothing is followed out of it, and no group is entered by two ways. */
export interface Hdf5Tree {
  readonly root: Hdf5Node;
  /** Names in a group; none in a dataset. */
  names(node: Hdf5Node): readonly string[];
  /**
   * What lies at a path, from a group on.
   *
   * @returns null if there is nothing
   * @throws {@link AlexNetError} `UNSUPPORTED` for a link that is none of the file's own objects
   */
  find(from: Hdf5Node, path: readonly string[]): Hdf5Node | null;
  attributes(node: Hdf5Node): ReadonlyMap<string, Hdf5Attribute>;
  /**
   * Texts of an attribute.
   *
   * @returns null if there is no such attribute
   */
  texts(node: Hdf5Node, attribute: string): readonly string[] | null;
  isDataset(node: Hdf5Node): boolean;
  /** @returns the dataset, or what its elements are where these are no numbers */
  readTensor(node: Hdf5Node): Promise<FileTensor | string>;
}

/** @throws {@link AlexNetError} `INVALID_MODEL`, `UNSUPPORTED`, here and from each method */
export function openTree(file: Hdf5File): Hdf5Tree {
  const links = new Map<number, ReadonlyMap<string, Hdf5Link>>();
  const attributes = new Map<number, ReadonlyMap<string, Hdf5Attribute>>();
  const ways = new Map<number, string>();
  let arrays = 0;
  const enter = (path: readonly string[], address: number): Hdf5Node => {
    const way = path.join('/');
    const other = ways.get(address) ?? way;
    if (other !== way) {
      const reason = `${quoteName(other)} and ${quoteName(way)} are the same object: groups run in circles`;
      throw damagedFile(file.place, reason);
    }
    ways.set(address, way);
    return { path, object: objects.get(address) ?? readObject(file, address) };
  };
  const objects = new Map<number, Hdf5Object>();
  const open = (path: readonly string[], address: number): Hdf5Node => {
    if (path.length > MAX_GROUP_DEPTH) {
      const reason = `groups lie in groups more than ${MAX_GROUP_DEPTH} deep`;
      throw damagedFile(file.place, reason);
    }
    const node = enter(path, address);
    objects.set(address, node.object);
    return node;
  };
  const linksOf = ({ object }: Hdf5Node) => {
    const found = links.get(object.address) ?? readLinks(file, object) ?? new Map();
    links.set(object.address, found);
    return found;
  };
  const tree: Hdf5Tree = {
    root: open([], file.rootAddress),
    names: (node) => [...linksOf(node).keys()],
    find: (from, path) => {
      let node = from;
      for (const name of path) {
        const link = linksOf(node).get(name);
        if (!link) return null;
        node = open([...node.path, name], follow(file, link, [...node.path, name]));
      }
      return node;
    },
    attributes: ({ object }) => {
      const found = attributes.get(object.address) ?? readAttributes(file, object);
      attributes.set(object.address, found);
      return found;
    },
    texts: (node, name) => {
      const attribute = tree.attributes(node).get(name);
      return attribute ? readTexts(file, attribute) : null;
    },
    isDataset: ({ object }) => isDataset(object),
    readTensor: async ({ path, object }) => {
      arrays += 1;
      if (arrays > MAX_ARRAYS) {
        throw damagedFile(file.place, `it has more arrays than the limit of ${MAX_ARRAYS}`);
      }
      const name = `dataset ${quoteName(path.join('/'))}`;
      const { shape, type, bytes } = await readDataset(file, object, name);
      if (type.kind !== 'number') return type.kind === 'other' ? type.description : 'texts';
      const { byteOrder } = type;
      return createFileTensor(
        { type: type.type, shape, bytes, byteOrder },
        `${file.place}, ${name}`,
      );
    },
  };
  return tree;
}

/** The address of an object of this file. */
function follow(file: Hdf5File, link: Hdf5Link, path: readonly string[]): number {
  if (link.kind === 'object') return link.address;
  const name = quoteName(path.join('/'));
  const hint = 'Save the file again with its arrays in it.';
  const reason =
    link.kind === 'foreign'
      ? `${name} is a link of a kind that is not known here`
      : `${name} is ${link.kind === 'soft' ? 'a soft' : 'an external'} link to ${quoteName(targetOf(link))}, which is never followed`;
  throw unsupportedFile(file.place, reason, hint);
}

/** An external link holds a byte, the file's name and the object's, each with a zero behind it. */
function targetOf({
  kind,
  target,
}: {
  readonly kind: 'soft' | 'external';
  readonly target: string;
}): string {
  return kind === 'soft' ? target : target.slice(1).replace(/\0+$/, '').replaceAll('\0', ':');
}
