import * as v from 'valibot';
import { readBadgeSites } from '../../utils/browser/badge-sites.ts';
import type { MessageSender } from '../../utils/browser/from-content.ts';
import type { ReplyOf, RequestOf } from '../../utils/browser/protocol.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { createStoredItem, validElements } from '../../utils/browser/stored-item.ts';
import { readTabScans } from '../../utils/browser/tab-scans.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import { createRateLimit } from '../../utils/domain/rate-limit.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import { isBadgeFrame } from '../../utils/domain/sites.ts';

/**
 * Checks by hand need a ticket: an attacker may take over a page's process, and could then do everything that a content
 * script can do, without the user. A ticket is issued for one action of the user, for one frame and one kind of source.
 */

/** A user who has several videos to choose from takes a while. */
const TICKET_MILLISECONDS = 5 * 60 * 1000;
/** All tabs together hold at most this many tickets: a user begins fewer checks in five minutes. */
const MAX_TICKETS = 100;

const ticketSchema = v.object({
  id: v.string(),
  tabId: v.number(),
  frameId: v.number(),
  usesScreen: v.boolean(),
  expiresAt: v.number(),
});
type Ticket = Readonly<v.InferOutput<typeof ticketSchema>>;
type TicketUse = Pick<Ticket, 'tabId' | 'frameId' | 'usesScreen'>;

/** The list outlives the service worker, which may be stopped while the user chooses. */
const tickets = createStoredItem({ key: 'session:tickets', valid: validElements<Ticket>(ticketSchema) });
/** Runs one change after the other, since each reads the list and writes it back. */
const { run: inOrder } = createSerialQueue();

/** As many as a user presses buttons on cards. A page that asks more often is not a user. */
const mayAskAgain = createRateLimit({ times: 20, perMilliseconds: 60_000 });

/** @returns the ticket's id */
export function issueTicket(use: TicketUse): Promise<string> {
  return inOrder(async () => {
    const now = Date.now();
    const ticket = { ...use, id: crypto.randomUUID(), expiresAt: now + TICKET_MILLISECONDS };
    const valid = (await tickets.read()).filter(({ expiresAt }) => expiresAt > now);
    await tickets.write([...valid, ticket].slice(-MAX_TICKETS));
    return ticket.id;
  });
}

/**
 * Uses up a ticket.
 * @returns whether there was one for this frame and source
 */
export function takeTicket(id: string, use: TicketUse): Promise<boolean> {
  return inOrder(async () => {
    const issued = await tickets.read();
    const ticket = issued.find((each) => each.id === id);
    if (ticket === undefined) return false;
    await tickets.write(issued.filter((each) => each !== ticket));
    return (
      ticket.expiresAt > Date.now() &&
      ticket.tabId === use.tabId &&
      ticket.frameId === use.frameId &&
      ticket.usesScreen === use.usesScreen
    );
  });
}

/** Whether a scan that a content script asks for may begin: by its ticket, or by the site's switch where it is automatic. */
export async function admitScan({ ticket, pageUrl, url, ...use }: RequestOf<'admitScan'>): Promise<boolean> {
  if (ticket !== null) return takeTicket(ticket, use);
  return !use.usesScreen && isBadgeFrame({ pageUrl, url }, await readBadgeSites());
}

/**
 * A card's button begins another check of the video. Only a frame with a scan of its own, or of a site with badges, has a card.
 * @throws DetectorError `request-invalid`
 */
export async function askAgain(
  { scanId, source }: RequestOf<'askAgain'>,
  sender: MessageSender,
): Promise<ReplyOf<'askAgain'>> {
  const { tabId, frameId } = sender;
  if (tabId === null || frameId === null || !(await hasCard(scanId, sender)) || !mayAskAgain(tabId)) {
    throw new DetectorError('request-invalid', 'no scan of this frame');
  }
  const ticket = await issueTicket({ tabId, frameId, usesScreen: source === 'screen' });
  return { ticket, framesAsked: (await readSettings()).framesAsked };
}

/** Whether the frame of a content script may show a card about this scan. */
export async function hasCard(scanId: string, sender: MessageSender): Promise<boolean> {
  const { tabId, frameId } = sender;
  if (tabId === null || frameId === null) return false;
  const scans = await readTabScans(tabId);
  if (scans.some((scan) => scan.scanId === scanId && scan.frameId === frameId)) return true;
  return isBadgeFrame(sender, await readBadgeSites());
}
