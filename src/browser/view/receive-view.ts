import { OnionferryError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { bytesText } from '../../base/quantities.js';
import { wording } from '../../pages/wording.js';
import { type Invitation, parseInvitation } from '../../pake/invitation.js';
import { formatPassword } from '../../pake/password.js';
import { meetAsRecipient } from '../../session/meeting/recipient-meeting.js';
import { receiveTransfer } from '../../session/receiving/receive-transfer.js';
import { recipientReconnect } from '../../session/reconnecting/recipient-reconnect.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { ONE_CIRCUIT, PAGE_POLICY } from '../page-policy.js';
import { type KeepPlan, keptOf, planKeeping } from '../receiving/keep-plan.js';
import { IN_PAGE_MAX_BYTES, isTooLarge, tooLarge } from '../receiving/limits.js';
import { MemoryDestination, type Received } from '../receiving/memory-destination.js';
import { webPrimitives } from '../web-primitives.js';
import { element, pressed, showOnly } from './element.js';
import { failureText } from './failure-text.js';
import { onionHere, relayHere, takeFragment } from './here.js';
import { OfferView } from './offer-view.js';
import { parseCode } from './parse-code.js';
import { ProgressBar } from './progress-bar.js';
import { linkTo, save } from './save.js';

const words = wording.relay.receive;
const states = wording.relay.states;

/** Drives the page that receives. */
export class ReceiveView {
  readonly #app = element('app', HTMLElement);
  readonly #form = element('begin', HTMLFormElement);
  readonly #code = element('code', HTMLInputElement);
  readonly #running = element('running', HTMLElement);
  readonly #done = element('done', HTMLElement);
  readonly #failure = element('failure', HTMLElement);
  readonly #status = element('status', HTMLElement);
  readonly #offer = new OfferView();
  readonly #bar = new ProgressBar();
  /** From the link, if there was one; the form shows only its password. */
  #invitation: Invitation | undefined;

  start(): void {
    this.#app.hidden = false;
    this.#takeLink();
    addEventListener('hashchange', () => this.#takeLink());
    element('again', HTMLButtonElement).addEventListener('click', () => {
      this.#show(this.#form);
      this.#tell('');
      this.#code.focus();
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#run();
    });
  }

  #takeLink(): void {
    const fragment = takeFragment();
    if (fragment === undefined) return;
    try {
      this.#invitation = parseInvitation(`${onionHere()}/#${fragment}`);
      this.#code.value = formatPassword(this.#invitation.password);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #run(): Promise<void> {
    const cancelling = new AbortController();
    const hold = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', hold);
    element('cancel', HTMLButtonElement).onclick = () => {
      cancelling.abort(new OnionferryError('ERR_INTERRUPTED', 'cancelled'));
    };
    try {
      await this.#receive(this.#readCode(), cancelling.signal);
    } catch (error) {
      this.#fail(error);
    } finally {
      removeEventListener('beforeunload', hold);
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
    const isOwn = this.#app.dataset['relay'] === 'own';
    const relay = relayHere(isOwn ? password.access : relayPassword);
    const channel = password.access;
    this.#show(this.#running);
    this.#tell(states.looking);
    const common = { relay, onion, curve, primitives: webPrimitives };
    const meeting = await meetAsRecipient({
      ...{ ...common, channel, signal, words: password.words },
      ahead: ONE_CIRCUIT,
      onWaiting: (what) => this.#tell(states.waitingFor(what)),
      onAnswering: () => this.#tell(states.proving),
    });
    const { resumption } = meeting.keys;
    await receiveTransfer({
      met: { meeting, generation: 0 },
      reconnect: recipientReconnect({ ...common, resumption, generation: 0, ahead: ONE_CIRCUIT }),
      ...{ signal, primitives: webPrimitives, circuits: ONE_CIRCUIT },
      ...PAGE_POLICY,
      accept: async (manifest) => {
        const plan = planKeeping(manifest);
        await this.#ask(manifest, plan, isOwn);
        this.#show(this.#running);
        this.#tell(states.running);
        this.#bar.begin(isOpenEnded(manifest) ? null : totalBytes(manifest));
        return new MemoryDestination(manifest, async (received) => {
          this.#tell(states.checking);
          await this.#keep(received, plan);
        });
      },
      onWritten: (bytes) => this.#bar.move(bytes),
      onAway: () => this.#tell(states.away),
      onMet: () => this.#tell(states.running),
    });
  }

  async #ask(manifest: Manifest, plan: KeepPlan, isOwn: boolean): Promise<void> {
    if (isTooLarge(manifest)) {
      const text = wording.relay.tooLarge(totalBytes(manifest), IN_PAGE_MAX_BYTES);
      const instead = isOwn ? wording.relay.tooLargeOwn : wording.relay.tooLargeShared;
      throw tooLarge(`${text} ${instead}`);
    }
    this.#offer.fill(manifest, plan);
    this.#show(this.#offer.part);
    this.#tell(states.asked);
    this.#offer.focus();
    const choice = await pressed(this.#offer.accept, this.#offer.decline);
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
    this.#show(this.#done);
    this.#tell(bytesText(bytes));
    element('done-title', HTMLElement).focus();
  }

  #fail(error: unknown): void {
    element('failure-text', HTMLElement).textContent = failureText(error);
    this.#show(this.#failure);
    this.#tell('');
    this.#failure.focus();
  }

  #show(part: HTMLElement): void {
    const parts = [this.#form, this.#offer.part, this.#running, this.#done, this.#failure];
    showOnly(parts, part);
  }

  #tell(text: string): void {
    this.#status.textContent = text;
  }
}
