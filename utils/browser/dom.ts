/**
 * Members of the DOM that a page can't replace. A form's field named `matches` is what `form.matches` gives, an image named
 * `body` is `document.body`, and an element with the id `addEventListener` is `window.addEventListener` (HTML,
 * "[LegacyOverrideBuiltIns]" and "named properties object"), in the world of a content script as well. So the scripts that
 * run in pages take these members from the interfaces' prototypes.
 */

type Interfaces = {
  readonly Element: Element;
  readonly Node: Node;
  readonly Document: Document;
  readonly DocumentFragment: DocumentFragment;
  readonly ShadowRoot: ShadowRoot;
  readonly EventTarget: EventTarget;
};

/** Looked up at the first call: the bundler loads this module in Node, where there is no DOM. */
function prototypeOf<Name extends keyof Interfaces>(name: Name): Interfaces[Name] {
  const scope = globalThis as unknown as Record<Name, { readonly prototype: Interfaces[Name] }>;
  return scope[name].prototype;
}

/** A method as a function of its object. */
function method<Name extends keyof Interfaces, Member extends keyof Interfaces[Name]>(
  name: Name,
  member: Member,
): Interfaces[Name][Member] extends (...args: infer Args) => infer Value
  ? (self: Interfaces[Name], ...args: Args) => Value
  : never;
function method(name: keyof Interfaces, member: PropertyKey): unknown {
  let own: ((...args: unknown[]) => unknown) | undefined;
  return (self: unknown, ...args: readonly unknown[]) => {
    own ??= (prototypeOf(name) as unknown as Record<PropertyKey, typeof own>)[member]!;
    return Reflect.apply(own, self, args);
  };
}

/** An attribute as a function of its object. */
function attribute<Name extends keyof Interfaces, Member extends keyof Interfaces[Name]>(
  name: Name,
  member: Member,
): (self: Interfaces[Name]) => Interfaces[Name][Member] {
  let descriptor: PropertyDescriptor | undefined;
  return (self) => {
    descriptor ??= Object.getOwnPropertyDescriptor(prototypeOf(name), member)!;
    return descriptor.get!.call(self) as Interfaces[Name][Member];
  };
}

const isShadowRoot = (root: Document | ShadowRoot): root is ShadowRoot => nodeTypeOf(root) === 11;
const nodeTypeOf = attribute('Node', 'nodeType');

export const matches: (element: Element, selectors: string) => boolean = method('Element', 'matches');
export const closest: (element: Element, selectors: string) => Element | null = method('Element', 'closest');
export const rectOf = method('Element', 'getBoundingClientRect');
export const localNameOf = attribute('Element', 'localName');
export const slotOf = attribute('Element', 'assignedSlot');
export const parentElementOf = attribute('Node', 'parentElement');
export const parentNodeOf = attribute('Node', 'parentNode');
export const isConnected = attribute('Node', 'isConnected');
export const rootOf: (node: Node) => Node = method('Node', 'getRootNode');
export const appendChild: (parent: Node, child: Node) => Node = method('Node', 'appendChild');
export const documentElementOf = attribute('Document', 'documentElement');
export const bodyOf = attribute('Document', 'body') as (document: Document) => HTMLElement | null;
export const documentTitleOf = attribute('Document', 'title');
export const contentTypeOf = attribute('Document', 'contentType');
export const visibilityStateOf = attribute('Document', 'visibilityState');
const createElementNs: (document: Document, namespace: string, name: string) => Element = method(
  'Document',
  'createElementNS',
);
export const listen: (
  target: EventTarget,
  type: string,
  listener: (event: Event) => void,
  options: AddEventListenerOptions,
) => void = method('EventTarget', 'addEventListener');

/**
 * Makes a listener for the browser's own events alone: a page can send any event to its videos, to its window, and to
 * our element.
 */
export const trusted =
  (listener: (event: Event) => void) =>
  (event: Event): void => {
    if (event.isTrusted) listener(event);
  };

/** An element of HTML, in a document of another kind (SVG) as well. */
export const createElement = (name: string): HTMLElement =>
  createElementNs(document, 'http://www.w3.org/1999/xhtml', name) as HTMLElement;

const queryDocument = method('Document', 'querySelectorAll');
const queryFragment = method('DocumentFragment', 'querySelectorAll');
const queryElement = method('Element', 'querySelectorAll');
const pointDocument = method('Document', 'elementsFromPoint');
const pointRoot = method('ShadowRoot', 'elementsFromPoint');
const fullscreenOfDocument = attribute('Document', 'fullscreenElement');
const fullscreenOfRoot = attribute('ShadowRoot', 'fullscreenElement');

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

/**
 * The elements under a point in CSS pixels of the viewport, topmost first. The list of a shadow root contains elements
 * around it as well.
 */
export function elementsFromPoint(root: Document | ShadowRoot, x: number, y: number): Element[] {
  return isShadowRoot(root) ? pointRoot(root, x, y) : pointDocument(root, x, y);
}

export function fullscreenElementOf(root: Document | ShadowRoot): Element | null {
  return isShadowRoot(root) ? fullscreenOfRoot(root) : fullscreenOfDocument(root);
}

/** The browser's function for extensions that gives access to closed shadow roots. */
type ExtensionWorld = {
  readonly trueFrameOverlay?: Element;
  readonly chrome?: {
    readonly dom?: { readonly openOrClosedShadowRoot?: (element: HTMLElement) => ShadowRoot | null };
  };
};
const openRootOf = attribute('Element', 'shadowRoot');

/**
 * The shadow root of an element, open or closed (https://developer.chrome.com/docs/extensions/reference/api/dom;
 * Firefox has `Element.openOrClosedShadowRoot`). In a browser that has neither, only an open one is found. The
 * extension's own overlay has none here, so that no search takes its parts for the page's.
 */
export function shadowRootOf(element: Element): ShadowRoot | null {
  const world = globalThis as ExtensionWorld;
  if (Object.hasOwn(world, 'trueFrameOverlay') && world.trueFrameOverlay === element) return null;
  const dom = world.chrome?.dom;
  if (dom?.openOrClosedShadowRoot !== undefined) {
    return element instanceof HTMLElement ? dom.openOrClosedShadowRoot(element) : null;
  }
  const { openOrClosedShadowRoot } = element as { openOrClosedShadowRoot?: ShadowRoot | null };
  return openOrClosedShadowRoot ?? openRootOf(element);
}
