/** What an element of the page is known by in its markup. */
type ElementType<Wanted extends Element> = new () => Wanted;

/**
 * The element of the page with this id.
 *
 * @throws Error if the markup has none of this type
 */
export function find<Wanted extends HTMLElement>(id: string, type: ElementType<Wanted>): Wanted {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`The page has no ${type.name} with the id "${id}".`);
}

/** Makes an element. Texts become text, never markup, whatever they hold. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** The drawing context of a canvas. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context) return context;
  throw new Error('This browser does not draw on canvases.');
}

/** Shows pixels at their own size. */
export function putPixels(canvas: HTMLCanvasElement, image: ImageData): void {
  canvas.width = image.width;
  canvas.height = image.height;
  contextOf(canvas).putImageData(image, 0, 0);
}
