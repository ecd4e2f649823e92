import { untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import type { OnionAddress } from '../../onion/address.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import {
  type Invitation,
  looksLikeInvitation,
  parseInvitation,
  readInvitation,
} from '../../pake/invitation.js';
import { formatPassword, parsePassword } from '../../pake/password.js';
import { meetAsRecipient } from '../../session/meeting/recipient-meeting.js';
import { receiveTransfer } from '../../session/receiving/receive-transfer.js';
import { recipientReconnect } from '../../session/reconnecting/recipient-reconnect.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { ONE_CIRCUIT, PAGE_POLICY } from '../page-policy.js';
import { type KeepPlan, keptOf, planKeeping } from '../receiving/keep-plan.js';
import {
  IN_PAGE_MAX_BYTES,
  IN_PAGE_MAX_ENTRIES,
  isTooLarge,
  tooLarge,
} from '../receiving/limits.js';
import { MemoryDestination, type Received } from '../receiving/memory-destination.js';
import { webPrimitives } from '../web-primitives.js';
import { element, pressed } from './element.js';
import { onionHere, relayHere } from './here.js';
import { OfferView } from './offer-view.js';
import { pageWords } from './page-words.js';
import { linkTo, save } from './save.js';
import { takeFragment } from './take-fragment.js';
import { TransferView } from './transfer-view.js';

const wording = pageWords();
const words = wording.relay.receive;
const states = wording.relay.states;

/** Drives the page that receives. */
export class ReceiveView extends TransferView {
  readonly #code = element('code', HTMLInputElement);
  readonly #offer = new OfferView();
  protected readonly meanwhile: HTMLElement = this.#offer.part;
  /** From the link, if there was one; the form shows only its password. */
  #invitation: Invitation | undefined;

  override start(): void {
    super.start();
    this.#takeLink();
    addEventListener('hashchange', () => this.#takeLink());
  }

  protected override startOver(): void {
    this.#code.focus();
  }

  protected async transfer(signal: AbortSignal): Promise<void> {
    await this.#receive(this.#readCode(), signal);
  }

  #takeLink(): void {
    const fragment = takeFragment();
    if (fragment === undefined) return;
    try {
      this.#invitation = parseInvitation(`${onionHere()}/#${fragment}`);
      this.#code.value = formatPassword(this.#invitation.password);
    } catch (error) {
      this.fail(error);
    }
  }

  #readCode(): Invitation {
    const text = this.#code.value;
    const linked = this.#invitation;
    if (linked !== undefined && text.trim() === formatPassword(linked.password)) return linked;
    return parseCode(text, onionHere());
  }

  async #receive(invitation: Invitation, signal: AbortSignal): Promise<void> {
    const { onion, curve, password, relayPassword } = invitation;
    // The password of the sender's own relay is the access words.
    const isOwn = this.app.dataset['relay'] === 'own';
    const relay = relayHere(isOwn ? password.access : relayPassword);
    const channel = password.access;
    this.show(this.running);
    this.tell(states.looking);
    const common = { relay, onion, curve, primitives: webPrimitives };
    const meeting = await meetAsRecipient({
      ...{ ...common, channel, signal, words: password.words },
      ahead: ONE_CIRCUIT,
      onWaiting: (what) => this.tell(states.waitingFor(what)),
      onAnswering: () => this.tell(states.proving),
    });
    const { resumption } = meeting.keys;
    await receiveTransfer({
      met: { meeting, generation: 0 },
      reconnect: recipientReconnect({ ...common, resumption, generation: 0, ahead: ONE_CIRCUIT }),
      ...{ signal, primitives: webPrimitives, circuits: ONE_CIRCUIT },
      ...PAGE_POLICY,
      accept: async (manifest, _, over) => {
        const plan = planKeeping(manifest);
        await this.#ask(manifest, plan, isOwn, over);
        this.show(this.running);
        this.tell(states.running);
        this.bar.begin(isOpenEnded(manifest) ? null : totalBytes(manifest));
        return new MemoryDestination(manifest, async (received) => {
          this.tell(states.checking);
          await this.#keep(received, plan);
        });
      },
      onWritten: (bytes) => this.bar.move(bytes),
      onAway: () => this.tell(states.away),
      onMet: () => this.tell(states.running),
    });
  }

  async #ask(manifest: Manifest, plan: KeepPlan, isOwn: boolean, over: AbortSignal): Promise<void> {
    if (isTooLarge(manifest)) {
      const text = wording.relay.tooLarge(
        totalBytes(manifest),
        IN_PAGE_MAX_BYTES,
        IN_PAGE_MAX_ENTRIES,
      );
      const instead = isOwn ? wording.relay.tooLargeOwn : wording.relay.tooLargeShared;
      throw tooLarge(`${text} ${instead}`);
    }
    this.#offer.fill(manifest, plan);
    this.show(this.meanwhile);
    this.tell(states.asked);
    this.#offer.focus();
    const choice = await untilAborted(pressed(this.#offer.accept, this.#offer.decline), over);
    if (choice === this.#offer.accept) return;
    throw new OnionferryError('ERR_REFUSED', 'the offer was declined');
  }

  async #keep(received: Received, plan: KeepPlan): Promise<void> {
    const list = element('kept', HTMLElement);
    const text = element('text', HTMLTextAreaElement);
    const isText = received.manifest.kind === 'text';
    const [content] = received.files.values();
    text.hidden = !isText;
    let links: HTMLAnchorElement[];
    if (isText && content !== undefined) {
      text.value = await content.text();
      links = [linkTo(content, words.textName, words.keepText)];
    } else {
      const kept = await keptOf(received, plan);
      links = await save(kept, (name) => words.keepAgain(printable(name)));
    }
    list.replaceChildren(
      ...links.map((link) => {
        const item = document.createElement('li');
        item.append(link);
        return item;
      }),
    );
    const bytes = [...received.files.values()].reduce((sum, { size }) => sum + size, 0);
    element('done-lead', HTMLElement).textContent = isText ? words.textLead : words.doneLead;
    this.finish(wording.formats.bytes(bytes));
  }
}

/**
 * Parses what the user has entered: a password or a whole invitation.
 *
 * @throws OnionferryError ERR_PASSWORD_FORM, ERR_INVITATION; ERR_USAGE if it belongs to another address
 */
function parseCode(text: string, onion: OnionAddress): Invitation {
  if (!looksLikeInvitation(text)) {
    return { onion, curve: DEFAULT_CURVE, password: parsePassword(text) };
  }
  const invitation = readInvitation(text);
  if (invitation.onion !== onion) {
    throw new OnionferryError('ERR_USAGE', 'this invitation belongs to another address');
  }
  return invitation;
}
