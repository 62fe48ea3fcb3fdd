import type { CDPSession, Page } from 'playwright-core';

/**
 * What the extension shows on the page, as a screen reader gets it. Its shadow roots are closed, so neither the page
 * nor Playwright can look into them; the accessibility tree
 * (https://chromedevtools.github.io/devtools-protocol/tot/Accessibility/) goes through.
 */
export type Badge = {
  /** Every text and button name, in order. Empty where there is no badge. */
  readonly read: () => Promise<readonly string[]>;
  /** Waits until one of them matches. */
  readonly waitForText: (pattern: RegExp) => Promise<void>;
  /**
   * Clicks the button of that name with the mouse, at its place on the screen.
   * @returns when, in milliseconds since 1970
   */
  readonly click: (name: RegExp) => Promise<number>;
  /** The middle of the button of that name, in CSS pixels of the viewport. */
  readonly placeOf: (name: RegExp) => Promise<{ readonly x: number; readonly y: number }>;
  readonly hover: () => Promise<void>;
  /** Ends the session, for which the browser reports each change of the page. */
  readonly close: () => Promise<void>;
};

type AxNode = {
  readonly nodeId: string;
  readonly parentId?: string;
  readonly ignored: boolean;
  readonly role?: { readonly value?: unknown };
  readonly name?: { readonly value?: unknown };
  readonly backendDOMNodeId?: number;
  readonly childIds?: readonly string[];
};

type DomNode = {
  readonly backendNodeId: number;
  readonly shadowRootType?: string;
  readonly children?: readonly DomNode[];
  readonly shadowRoots?: readonly DomNode[];
  readonly contentDocument?: DomNode;
};

const WAIT_MILLISECONDS = 15_000;
const POLL_MILLISECONDS = 25;

/** Opens the badge of a page for looking at and clicking on. */
export async function openBadge(page: Page): Promise<Badge> {
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  await session.send('Accessibility.enable');

  async function until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
    for (const deadline = Date.now() + WAIT_MILLISECONDS; Date.now() < deadline;) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((elapsed) => setTimeout(elapsed, POLL_MILLISECONDS));
    }
    throw new Error(`the badge has no ${what}, but ${JSON.stringify(await read())}`);
  }

  async function read(): Promise<readonly string[]> {
    return (await nodesInClosedRoots(session)).map(({ name }) => name).filter((name) => name !== '');
  }

  const findButton = (name: RegExp): Promise<BadgeNode> =>
    until(`button ${String(name)}`, async () =>
      (await nodesInClosedRoots(session)).find((node) => node.role === 'button' && name.test(node.name)),
    );

  return {
    read,
    waitForText: async (pattern) => {
      await until(`text ${String(pattern)}`, async () => (await read()).find((text) => pattern.test(text)));
    },
    click: async (name) => {
      const { x, y } = await centreOf(session, await findButton(name));
      const clickedAt = Date.now();
      await page.mouse.click(x, y);
      return clickedAt;
    },
    placeOf: async (name) => centreOf(session, await findButton(name)),
    hover: async () => {
      const { x, y } = await centreOf(session, await findButton(/./));
      await page.mouse.move(x, y);
    },
    close: () => session.detach(),
  };
}

type BadgeNode = { readonly role: string; readonly name: string; readonly backendNodeId: number };

async function nodesInClosedRoots(session: CDPSession): Promise<readonly BadgeNode[]> {
  const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
  const inside = new Set<number>();
  const visit = (node: DomNode, isInside: boolean): void => {
    // The browser's own parts of a <video> are in roots of type `user-agent`.
    const isIn = isInside || node.shadowRootType === 'closed';
    if (isIn) inside.add(node.backendNodeId);
    for (const child of [...(node.children ?? []), ...(node.shadowRoots ?? [])]) visit(child, isIn);
  };
  visit(root, false);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { nodes: readonly AxNode[] };
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  /** The badge's texts are generated content: the document has no node for them, but the tree has their parents. */
  const nodeOf = ({ backendDOMNodeId, parentId }: AxNode): number | undefined => {
    if (backendDOMNodeId !== undefined && inside.has(backendDOMNodeId)) return backendDOMNodeId;
    const parent = parentId === undefined ? undefined : byId.get(parentId);
    return parent === undefined ? undefined : nodeOf(parent);
  };
  return nodes.flatMap((node) => {
    const isLineOfText = textOf(node.role) === 'InlineTextBox';
    const backendNodeId = node.ignored || isLineOfText ? undefined : nodeOf(node);
    return backendNodeId === undefined
      ? []
      : [{ role: textOf(node.role), name: textOf(node.name), backendNodeId }];
  });
}

function textOf(property: { readonly value?: unknown } | undefined): string {
  return typeof property?.value === 'string' ? property.value : '';
}

async function centreOf(
  session: CDPSession,
  { backendNodeId }: BadgeNode,
): Promise<{ readonly x: number; readonly y: number }> {
  const { model } = await session.send('DOM.getBoxModel', { backendNodeId });
  // Four corners, clockwise from the top left: x1, y1, x2, y2, …
  const [left, top, , , right, bottom] = model.content;
  return { x: (left! + right!) / 2, y: (top! + bottom!) / 2 };
}
