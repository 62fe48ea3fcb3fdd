/**
 * Members of the DOM that a page can't replace. A form's field named `matches` is what `form.matches` gives, an image named
 * `body` is `document.body`, and an element with the id `addEventListener` is `window.addEventListener` (HTML,
 * "[LegacyOverrideBuiltIns]" and "named properties object"), in the world of a content script as well. So the scripts that
 * run in pages take these members from the interfaces' prototypes.
 */

/** A method as a function of its object. */
function method<Self extends object, Name extends keyof Self>(
  prototype: Self,
  name: Name,
): Self[Name] extends (...args: infer Args) => infer Value ? (self: Self, ...args: Args) => Value : never;
function method(prototype: object, name: PropertyKey): unknown {
  const own = (prototype as Record<PropertyKey, (...args: unknown[]) => unknown>)[name]!;
  return (self: unknown, ...args: readonly unknown[]) => Reflect.apply(own, self, args);
}

/** An attribute as a function of its object. */
function attribute<Self extends object, Name extends keyof Self>(
  prototype: Self,
  name: Name,
): (self: Self) => Self[Name] {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
  return (self) => descriptor.get!.call(self) as Self[Name];
}

const isShadowRoot = (root: Document | ShadowRoot): root is ShadowRoot => nodeTypeOf(root) === 11;
const nodeTypeOf = attribute(Node.prototype, 'nodeType');

export const matches: (element: Element, selectors: string) => boolean = method(Element.prototype, 'matches');
export const closest: (element: Element, selectors: string) => Element | null = method(
  Element.prototype,
  'closest',
);
export const rectOf = method(Element.prototype, 'getBoundingClientRect');
export const localNameOf = attribute(Element.prototype, 'localName');
export const slotOf = attribute(Element.prototype, 'assignedSlot');
export const parentElementOf = attribute(Node.prototype, 'parentElement');
export const parentNodeOf = attribute(Node.prototype, 'parentNode');
export const isConnected = attribute(Node.prototype, 'isConnected');
export const rootOf: (node: Node) => Node = method(Node.prototype, 'getRootNode');
export const appendChild: (parent: Node, child: Node) => Node = method(Node.prototype, 'appendChild');
export const documentElementOf = attribute(Document.prototype, 'documentElement');
export const bodyOf = attribute(Document.prototype, 'body') as (document: Document) => HTMLElement | null;
export const documentTitleOf = attribute(Document.prototype, 'title');
export const visibilityStateOf = attribute(Document.prototype, 'visibilityState');
const createElementNs: (document: Document, namespace: string, name: string) => Element = method(
  Document.prototype,
  'createElementNS',
);
export const listen: (
  target: EventTarget,
  type: string,
  listener: (event: Event) => void,
  options: AddEventListenerOptions,
) => void = method(EventTarget.prototype, 'addEventListener');

/** An element of HTML, in a document of another kind (SVG) as well. */
export const createElement = (name: string): HTMLElement =>
  createElementNs(document, 'http://www.w3.org/1999/xhtml', name) as HTMLElement;

const queryDocument = method(Document.prototype, 'querySelectorAll');
const queryFragment = method(DocumentFragment.prototype, 'querySelectorAll');
const queryElement = method(Element.prototype, 'querySelectorAll');
const pointDocument = method(Document.prototype, 'elementsFromPoint');
const pointRoot = method(ShadowRoot.prototype, 'elementsFromPoint');
const fullscreenOfDocument = attribute(Document.prototype, 'fullscreenElement');
const fullscreenOfRoot = attribute(ShadowRoot.prototype, 'fullscreenElement');

/** The elements within a document, a shadow root or an element that match, in tree order. */
export function queryAll(within: Document | ShadowRoot | Element, selectors: string): NodeListOf<Element> {
  switch (nodeTypeOf(within)) {
    case 9:
      return queryDocument(within as Document, selectors);
    case 11:
      return queryFragment(within as ShadowRoot, selectors);
    default:
      return queryElement(within as Element, selectors);
  }
}

/** Under a point in CSS pixels of the viewport, topmost first. Of a shadow root the list holds elements around it as well. */
export function elementsFromPoint(root: Document | ShadowRoot, x: number, y: number): Element[] {
  return isShadowRoot(root) ? pointRoot(root, x, y) : pointDocument(root, x, y);
}

export function fullscreenElementOf(root: Document | ShadowRoot): Element | null {
  return isShadowRoot(root) ? fullscreenOfRoot(root) : fullscreenOfDocument(root);
}

/** What a browser gives its extensions beside the DOM: a way into closed shadow roots. */
type ExtensionWorld = {
  readonly chrome?: {
    readonly dom?: { readonly openOrClosedShadowRoot?: (element: HTMLElement) => ShadowRoot | null };
  };
};
const openRootOf = attribute(Element.prototype, 'shadowRoot');

/**
 * The shadow root of an element, open or closed (https://developer.chrome.com/docs/extensions/reference/api/dom; Firefox has
 * `Element.openOrClosedShadowRoot`); of a browser that has neither, an open one.
 */
export function shadowRootOf(element: Element): ShadowRoot | null {
  const dom = (globalThis as ExtensionWorld).chrome?.dom;
  if (dom?.openOrClosedShadowRoot !== undefined) {
    return element instanceof HTMLElement ? dom.openOrClosedShadowRoot(element) : null;
  }
  const { openOrClosedShadowRoot } = element as { openOrClosedShadowRoot?: ShadowRoot | null };
  return openOrClosedShadowRoot ?? openRootOf(element);
}
