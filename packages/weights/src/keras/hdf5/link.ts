/** What a name in a group stands for. Only what lies in the file itself is ever followed. */
export type Hdf5Link =
  | { readonly kind: 'object'; readonly address: number }
  | { readonly kind: 'soft' | 'external'; readonly target: string }
  | { readonly kind: 'foreign' };

export interface NamedLink {
  readonly name: string;
  readonly link: Hdf5Link;
  /** When it was made, where the group keeps that. */
  readonly order: number | null;
}
