import type { CDPSession, Page } from 'playwright-core';

/** One badge on the page, as it is shown. */
export type ShownMark = {
  /** "TrueFrame: Likely manipulated. Show more." */
  readonly label: string;
  /** The middle of its mark, in the viewport's CSS pixels. */
  readonly x: number;
  readonly y: number;
};

type DomNode = {
  readonly nodeId: number;
  readonly nodeName: string;
  readonly shadowRootType?: string;
  readonly attributes?: readonly string[];
  readonly children?: readonly DomNode[];
  readonly shadowRoots?: readonly DomNode[];
  readonly contentDocument?: DomNode;
};

/** Looks at the badges of a page and of its frames, which lie in closed shadow roots. */
export async function openMarks(page: Page): Promise<{
  readonly read: () => Promise<readonly ShownMark[]>;
  /** Places for badges, shown or not: what is left of a badge that should be gone counts. */
  readonly count: () => Promise<number>;
  /** Ends the session, for which the browser reports each change of the page. */
  readonly close: () => Promise<void>;
}> {
  const session = await page.context().newCDPSession(page);
  await session.send('DOM.enable');
  const places = async (): Promise<readonly DomNode[]> => {
    const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true });
    return placesIn(root, false);
  };
  return {
    read: async () => {
      const marks: ShownMark[] = [];
      for (const place of await places()) {
        if (!attributesOf(place).class?.includes('is-shown')) continue;
        const button = find(place, (node) => attributesOf(node).class === 'open');
        const box = button && (await boxOf(session, button.nodeId));
        const label = button && attributesOf(button)['aria-label'];
        if (box && label) marks.push({ label, ...box });
      }
      return marks;
    },
    count: async () => (await places()).length,
    close: () => session.detach(),
  };
}

function placesIn(node: DomNode, isInside: boolean): DomNode[] {
  const isIn = isInside || node.shadowRootType === 'closed';
  if (isIn && attributesOf(node).class?.split(' ').includes('place') === true) return [node];
  return childrenOf(node).flatMap((child) => placesIn(child, isIn));
}

function find(node: DomNode, matches: (node: DomNode) => boolean): DomNode | undefined {
  if (matches(node)) return node;
  for (const child of childrenOf(node)) {
    const found = find(child, matches);
    if (found) return found;
  }
  return undefined;
}

function childrenOf({ children = [], shadowRoots = [], contentDocument }: DomNode): readonly DomNode[] {
  return [...children, ...shadowRoots, ...(contentDocument ? [contentDocument] : [])];
}

function attributesOf({ attributes = [] }: DomNode): Readonly<Partial<Record<string, string>>> {
  const pairs = Array.from({ length: attributes.length / 2 }, (_, index) => [
    attributes[2 * index]!,
    attributes[2 * index + 1]!,
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** null where it has gone between two looks. */
async function boxOf(
  session: CDPSession,
  nodeId: number,
): Promise<{ readonly x: number; readonly y: number } | null> {
  try {
    const { model } = await session.send('DOM.getBoxModel', { nodeId });
    const [left, top, , , , bottom] = model.border;
    const height = bottom! - top!;
    return { x: left! + height / 2, y: top! + height / 2 };
  } catch {
    return null;
  }
}
