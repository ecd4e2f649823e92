import { DEFAULT_CURVE } from '../../pake/curves/curve-name.js';
import { formatInvitation } from '../../pake/invitation.js';
import { formatPassword, generatePassword } from '../../pake/password.js';
import { guessLimitFor } from '../../session/meeting/guess-limit.js';
import type { Meeting } from '../../session/meeting/meeting.js';
import { openSenderChannel } from '../../session/meeting/sender-meeting.js';
import { senderReconnect } from '../../session/reconnecting/sender-reconnect.js';
import { sendTransfer } from '../../session/sending/send-transfer.js';
import type { Source } from '../../session/sending/source.js';
import { totalBytes } from '../../stream/manifest.js';
import { ONE_CIRCUIT, PAGE_POLICY } from '../page-policy.js';
import { type ChosenFile, choose } from '../sending/chosen.js';
import { webPrimitives } from '../web-primitives.js';
import { element } from './element.js';
import { onionHere, relayHere } from './here.js';
import { pageWords } from './page-words.js';
import { TransferView } from './transfer-view.js';

const wording = pageWords();
const words = wording.relay.send;
const states = wording.relay.states;

/** Drives the page that sends. */
export class SendView extends TransferView {
  protected readonly meanwhile: HTMLElement = element('waiting', HTMLElement);

  override start(): void {
    super.start();
    element('copy', HTMLButtonElement).addEventListener('click', () => void this.#copy());
  }

  async #copy(): Promise<void> {
    const field = element('invitation', HTMLInputElement);
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      this.tell(words.copied);
    } catch {
      // The field is selected, so the user can copy it.
      this.tell(words.copyYourself);
    }
  }

  protected async transfer(signal: AbortSignal): Promise<void> {
    const chosen = chosenFiles();
    if (chosen === undefined) {
      this.tell(words.nothing);
      return;
    }
    this.cancel.hidden = false;
    try {
      await this.#send(chosen, signal);
      this.finish('');
    } finally {
      this.cancel.hidden = true;
    }
  }

  async #send(source: Source, signal: AbortSignal): Promise<void> {
    this.show(undefined);
    this.tell(states.preparing);
    const onion = onionHere();
    const password = generatePassword();
    const curve = DEFAULT_CURVE;
    const relay = relayHere(undefined);
    const common = { relay, onion, curve, primitives: webPrimitives };
    const channel = await openSenderChannel(
      {
        ...{ ...common, channel: password.access, words: password.words },
        guesses: guessLimitFor(password),
        onPeer: (state) => {
          if (state === 'joined') this.tell(states.joined);
          if (state === 'rejected') this.tell(states.rejected);
        },
        onWaiting: (what) => this.tell(states.waitingFor(what)),
      },
      { signal },
    );
    this.#invite(formatPassword(password), this.#invitation(password));
    let meeting: Meeting | undefined;
    try {
      meeting = await channel.meet({ signal, alone: true });
    } finally {
      // The invitation serves one recipient; others who wait are told so.
      await channel.close({ isTaken: meeting !== undefined });
    }
    this.show(this.running);
    this.tell(states.declining);
    this.bar.begin(totalBytes(source.manifest));
    const { resumption } = meeting.keys;
    await sendTransfer({
      met: { meeting, generation: 0 },
      reconnect: senderReconnect({ ...common, resumption, generation: 0, current: meeting }),
      ...{ source, signal, primitives: webPrimitives, circuits: ONE_CIRCUIT },
      ...PAGE_POLICY,
      onAccepted: () => {
        this.tell(states.running);
        return Promise.resolve();
      },
      onWritten: (bytes) => this.bar.move(bytes),
      onAway: () => this.tell(states.away),
      onMet: () => this.tell(states.running),
    });
  }

  #invitation(password: ReturnType<typeof generatePassword>): string {
    const relayPassword = this.app.dataset['relayPassword'] ?? '';
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
    this.show(this.meanwhile);
    this.tell('');
    element('waiting-title', HTMLElement).focus();
  }
}

/** What stands in the form. @returns undefined if nothing does; @throws OnionferryError ERR_SOURCE */
function chosenFiles(): Source | undefined {
  const files = ['files', 'folder'].flatMap((id) => [
    ...(element(id, HTMLInputElement).files ?? []),
  ]);
  if (files.length > 0) return choose('files', files.map(fileOf));
  const text = element('note', HTMLTextAreaElement).value;
  if (text === '') return undefined;
  const path = [wording.relay.send.textName];
  return choose('text', [{ path, modified: Date.now(), content: new Blob([text]) }]);
}

function fileOf(file: File): ChosenFile {
  const { name, lastModified: modified } = file;
  // Only files of a chosen folder have one.
  const path = file.webkitRelativePath === '' ? [name] : file.webkitRelativePath.split('/');
  return { path, modified, content: file };
}
