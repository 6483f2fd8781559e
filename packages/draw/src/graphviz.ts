import { AlexNetError, type JsonReader, readJson } from '@alexnet/core';

/** The part of @viz-js/viz that is used; this is the only file that knows where it comes from. */
export interface GraphvizModule {
  instance(): Promise<{
    renderJSON(
      dot: string,
      options: { readonly engine: string; readonly yInvert: boolean },
    ): object;
  }>;
}

/**
 * Places a graph's nodes, edges and labels with Graphviz's `dot`, compiled to WebAssembly and loaded when first needed.
 *
 * @returns Graphviz's JSON output, y downwards
 * @throws {@link AlexNetError} `MISSING_DEPENDENCY` if @viz-js/viz is not installed
 * @see https://graphviz.org/docs/outputs/json/
 */
export async function placeGraph(
  dot: string,
  importGraphviz: () => Promise<GraphvizModule> = () => import('@viz-js/viz'),
): Promise<JsonReader> {
  const { instance } = await importGraphviz().catch((cause: unknown) => {
    throw new AlexNetError('MISSING_DEPENDENCY', {
      message: 'Graphs are laid out by "@viz-js/viz" (Graphviz), which is not installed.',
      hint: 'npm install @viz-js/viz; or write DOT, which needs no Graphviz.',
      cause,
    });
  });
  const graphviz = await instance();
  const placed = graphviz.renderJSON(dot, { engine: 'dot', yInvert: true });
  return readJson(placed, { code: 'INTERNAL', what: "Graphviz's layout" });
}
