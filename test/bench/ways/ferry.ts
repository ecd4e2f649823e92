import { parseInvitation } from '../../../src/pake/invitation.js';
import type { PreparedContent } from '../content.js';
import type { SideReport } from '../processes/report.js';
import { FERRY_RECIPIENT, FERRY_SENDER } from '../sides/programs.js';
import type { Carried, Carrier } from '../turns.js';
import { type Ground, reach } from './ground.js';

export interface FerryOptions {
  /** It decides by itself unless told. */
  readonly circuits?: number | undefined;
  /** Whether the recipient's sync to disk is really done; it is, unless told. */
  readonly sync?: boolean;
}

/** A sender that serves one recipient after the other. */
export interface FerryService extends AsyncDisposable {
  carrier(name: string, options?: FerryOptions): Carrier;
}

export async function serveFerry(ground: Ground, content: PreparedContent): Promise<FerryService> {
  const { sides, tors, directory } = ground;
  const { path, bytes } = content;
  const offered = { path, bytes, tor: tors.service.running, dataDir: directory };
  const sender = await sides.start(FERRY_SENDER, offered);
  try {
    const invitation = await sender.ready;
    await reach(ground, parseInvitation(invitation).onion);
    // From here on: what it took to start is no part of a run.
    await sender.reportSoFar();
    return {
      carrier: (name, options = {}) => ({
        name,
        async carry(into): Promise<Carried> {
          const recipient = await receive(ground, content, { ...options, invitation, into });
          return { sender: await sender.reportSoFar(), recipient };
        },
      }),
      [Symbol.asyncDispose]: () => sender[Symbol.asyncDispose](),
    };
  } catch (error) {
    await sender[Symbol.asyncDispose]();
    throw error;
  }
}

interface Receiving extends FerryOptions {
  readonly invitation: string;
  readonly into: string;
}

export async function receive(
  { sides, tors, directory }: Ground,
  { bytes, sha256 }: PreparedContent,
  { invitation, into, circuits, sync = true }: Receiving,
): Promise<SideReport> {
  const tor = tors.client.running;
  const where = { dataDir: directory, directory: into };
  const options = { invitation, tor, ...where, bytes, circuits, sync };
  await using recipient = await sides.start(FERRY_RECIPIENT, options);
  const got = await recipient.report;
  if (got.sha256 !== sha256) throw new Error('what arrived is not what was sent');
  return got;
}
