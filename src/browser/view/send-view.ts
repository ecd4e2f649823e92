import { OnionferryError } from '../../base/errors.js';
import { wording } from '../../pages/wording.js';
import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { formatInvitation } from '../../pake/invitation.js';
import { formatPassword, generatePassword } from '../../pake/password.js';
import { createGuessLimit } from '../../session/meeting/guess-limit.js';
import type { Meeting } from '../../session/meeting/meeting.js';
import { openSenderChannel } from '../../session/meeting/sender-meeting.js';
import { senderReconnect } from '../../session/reconnecting/sender-reconnect.js';
import { sendTransfer } from '../../session/sending/send-transfer.js';
import type { Source } from '../../session/sending/source.js';
import { totalBytes } from '../../stream/manifest.js';
import { ONE_CIRCUIT, PAGE_POLICY } from '../page-policy.js';
import { webPrimitives } from '../web-primitives.js';
import { chosenFiles } from './chosen-files.js';
import { element, showOnly } from './element.js';
import { failureText } from './failure-text.js';
import { onionHere, relayHere } from './here.js';
import { ProgressBar } from './progress-bar.js';

const words = wording.relay.send;
const states = wording.relay.states;

/** Drives the page that sends. */
export class SendView {
  readonly #app = element('app', HTMLElement);
  readonly #form = element('begin', HTMLFormElement);
  readonly #waiting = element('waiting', HTMLElement);
  readonly #running = element('running', HTMLElement);
  readonly #done = element('done', HTMLElement);
  readonly #failure = element('failure', HTMLElement);
  readonly #status = element('status', HTMLElement);
  readonly #cancel = element('cancel', HTMLButtonElement);
  readonly #bar = new ProgressBar();

  start(): void {
    this.#app.hidden = false;
    element('again', HTMLButtonElement).addEventListener('click', () => {
      this.#show(this.#form);
      this.#tell('');
    });
    element('copy', HTMLButtonElement).addEventListener('click', () => void this.#copy());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#run();
    });
  }

  async #copy(): Promise<void> {
    const field = element('invitation', HTMLInputElement);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      this.#tell(words.copied);
    } catch {
      // The field is selected, so the user can copy it.
      this.#tell(words.copyYourself);
    }
  }

  async #run(): Promise<void> {
    const cancelling = new AbortController();
    const hold = (event: BeforeUnloadEvent): void => event.preventDefault();
    this.#cancel.onclick = () => {
      cancelling.abort(new OnionferryError('ERR_INTERRUPTED', 'cancelled'));
    };
    try {
      const chosen = chosenFiles();
      if (chosen === undefined) {
        this.#tell(words.nothing);
        return;
      }
      addEventListener('beforeunload', hold);
      this.#cancel.hidden = false;
      await this.#send(chosen, cancelling.signal);
      this.#show(this.#done);
      this.#tell('');
      element('done-title', HTMLElement).focus();
    } catch (error) {
      element('failure-text', HTMLElement).textContent = failureText(error);
      this.#show(this.#failure);
      this.#tell('');
      this.#failure.focus();
    } finally {
      removeEventListener('beforeunload', hold);
      this.#cancel.hidden = true;
    }
  }

  async #send(source: Source, signal: AbortSignal): Promise<void> {
    this.#show(undefined);
    this.#tell(states.preparing);
    const onion = onionHere();
    const password = generatePassword();
    const curve = DEFAULT_CURVE;
    const relay = relayHere(undefined);
    const common = { relay, onion, curve, primitives: webPrimitives };
    const channel = await openSenderChannel(
      {
        ...{ ...common, channel: password.access, words: password.words },
        guesses: createGuessLimit(),
        onPeer: (state) => {
          if (state === 'joined') this.#tell(states.joined);
          if (state === 'rejected') this.#tell(states.rejected);
        },
        onWaiting: (what) => this.#tell(states.waitingFor(what)),
      },
      { signal },
    );
    this.#invite(formatPassword(password), this.#invitation(password));
    let meeting: Meeting;
    try {
      meeting = await channel.meet({ signal });
    } catch (error) {
      await channel.close();
      throw error;
    }
    this.#show(this.#running);
    this.#tell(states.declining);
    this.#bar.begin(totalBytes(source.manifest));
    const { resumption } = meeting.keys;
    await sendTransfer({
      met: { meeting, generation: 0 },
      reconnect: senderReconnect({ ...common, resumption, generation: 0, current: meeting }),
      ...{ source, signal, primitives: webPrimitives, circuits: ONE_CIRCUIT },
      ...PAGE_POLICY,
      onAccepted: () => {
        this.#tell(states.running);
        return Promise.resolve();
      },
      onWritten: (bytes) => this.#bar.move(bytes),
      onAway: () => this.#tell(states.away),
      onMet: () => this.#tell(states.running),
    });
  }

  #invitation(password: ReturnType<typeof generatePassword>): string {
    const relayPassword = this.#app.dataset['relayPassword'] ?? '';
    return formatInvitation({
      onion: onionHere(),
      curve: DEFAULT_CURVE,
      password,
      ...(relayPassword !== '' && { relayPassword }),
    });
  }

  #invite(code: string, invitation: string): void {
    element('code', HTMLInputElement).value = code;
    element('invitation', HTMLInputElement).value = invitation;
    this.#show(this.#waiting);
    this.#tell('');
    element('waiting-title', HTMLElement).focus();
  }

  #show(part: HTMLElement | undefined): void {
    showOnly([this.#form, this.#waiting, this.#running, this.#done, this.#failure], part);
  }

  #tell(text: string): void {
    this.#status.textContent = text;
  }
}
