import type {
  AddressEvent,
  FerryEvent,
  OfferEvent,
  OnlineEvent,
  PeerEvent,
  TorEvent,
} from '../../api/events.js';
import {
  askedBeforeLines,
  invitationLines,
  pagesLines,
  programLines,
  relayLines,
} from '../address-wording.js';
import {
  checkText,
  doneLines,
  installText,
  isOfPages,
  joinedText,
  labelled,
  manyRefusedLine,
  nameLines,
  offerLines,
  ofRecipient,
  type PagesCommand,
  pageFileLine,
  peerLine,
  purgedLine,
  refusedLine,
  relayText,
  resumingLine,
  type Side,
  stoppedUploadLine,
  texts,
  torText,
  uploadText,
  visitLine,
  warningLine,
} from '../wording.js';
import { qrCode } from './qr-code.js';
import type { Screen } from './screen.js';
import { TransferProgress } from './transfer-progress.js';

/** What the call is for, which decides what is printed. */
export interface Scene {
  readonly verb: Side | PagesCommand | 'relay' | 'demo' | 'tor';
  readonly qrCode?: boolean;
  /** `send` serves any number of recipients. */
  readonly keep?: boolean;
  /** Where `receive` writes; printed before names. */
  readonly directory?: string | undefined;
  /** Rings when somebody is needed: at a question and at the end. */
  readonly notify?: boolean | undefined;
  /** Copies the invitation. */
  readonly clipboard?: boolean | undefined;
  /** The question shows the offer. */
  readonly asks?: boolean;
  /** What is sent; `receive` learns it from the offer. */
  readonly kind?: OfferEvent['kind'];
}

/** Refused recipients in a row, each told in a line of its own: a sender may refuse 20 a second. */
const REFUSED_TOLD_MAX = 10;

/** Prints the events of one call for people. */
export class Narrator {
  readonly #screen: Screen;
  readonly #scene: Scene;
  readonly #side: Side;
  readonly #doneBy: Side;
  readonly #progress: TransferProgress;
  /** What is said while nobody needs anything. */
  readonly #forVisitors: string;
  #kind: OfferEvent['kind'];
  #isOnline = false;
  /** The invitation, once it is printed. */
  #printed: string | undefined;
  #waitTopic = 'wait';
  /** Recipients that were refused, since the last that knew the password. */
  #refused = 0;
  /** What a relay has done, as it was shown last. */
  #relayed: string | undefined;
  /** The sender serves nobody now. */
  #isIdle = false;
  /** Top-level names, in order. */
  readonly #written = new Set<string>();

  constructor(screen: Screen, scene: Scene) {
    this.#screen = screen;
    this.#progress = new TransferProgress(screen);
    this.#forVisitors = screen.terminal.withKeys(texts.waitingForVisitors, texts.keyToStop);
    this.#scene = scene;
    // The demonstration is told from the recipient's side.
    this.#side = scene.verb === 'receive' || scene.verb === 'demo' ? 'receive' : 'send';
    this.#doneBy = scene.verb === 'inbox' ? 'receive' : this.#side;
    this.#kind = scene.kind ?? 'files';
  }

  /** Whether somebody floods the sender: then its lines would push away everything else. */
  #isOneOfMany({ state, recipient }: PeerEvent): boolean {
    if (state === 'authenticated') this.#refused = 0;
    if (recipient !== undefined || state === 'authenticated') return false;
    const wereTold = this.#refused >= REFUSED_TOLD_MAX;
    if (state === 'rejected' && ++this.#refused === REFUSED_TOLD_MAX) {
      this.#screen.remark(manyRefusedLine);
    }
    return wereTold || this.#refused >= REFUSED_TOLD_MAX;
  }

  tell(event: FerryEvent): void {
    const screen = this.#screen;
    switch (event.event) {
      case 'install':
        screen.show(
          `install ${event.phase} ${event.summary}`,
          installText(event),
          event.total === undefined ? undefined : event.bytes / event.total,
        );
        break;
      case 'tor':
        this.#tor(event);
        break;
      case 'address':
        this.#address(event);
        break;
      case 'online':
        this.#online(event);
        break;
      case 'resuming':
        screen.remark(resumingLine(event));
        screen.show('wait', texts.reconnecting);
        break;
      case 'peer':
        if (this.#isOneOfMany(event)) break;
        screen.remark(peerLine(this.#scene.verb === 'demo' ? 'demo' : this.#side, event));
        if (event.state === 'left') this.#drop(event.recipient);
        if (event.state === 'authenticated') this.#isIdle = false;
        if (event.recipient !== undefined) this.#waitForNext();
        else if (this.#side === 'send' && (event.state === 'rejected' || event.state === 'left')) {
          this.#idle(texts.waitingForRecipient);
        }
        break;
      case 'visit':
      case 'refused':
        screen.remark(event.event === 'visit' ? visitLine(event) : refusedLine(event));
        // A relay says what it does instead.
        screen.show('wait', this.#relayed ?? this.#forVisitors);
        break;
      case 'relay':
        screen.show('relay', (this.#relayed = relayText(event)));
        break;
      case 'purged':
        screen.remark(purgedLine(event));
        break;
      case 'upload':
        if (event.isStopped) {
          screen.remark(stoppedUploadLine(event));
          screen.show('wait', this.#forVisitors);
        } else {
          const { bytes, total } = event;
          const fraction = total === null || total === 0 ? undefined : bytes / total;
          // It has no name with --no-names.
          screen.show('upload', uploadText(event), fraction, undefined, event.name || undefined);
        }
        break;
      case 'verify':
        // The question shows the phrase.
        break;
      case 'offer':
        this.#kind = event.kind;
        if (this.#scene.asks !== true) screen.remark(...offerLines(event));
        break;
      case 'progress':
        this.#progress.tell(event);
        break;
      case 'arrived':
        this.#progress.tellArrived(event);
        break;
      case 'file':
        if (isOfPages(this.#scene.verb)) {
          screen.remark(pageFileLine(this.#scene.verb, event));
          screen.show('wait', this.#forVisitors);
          break;
        }
        this.#written.add(event.path.split('/', 1)[0] ?? event.path);
        break;
      case 'text':
        screen.terminal.printText(event.text);
        break;
      case 'waiting': {
        const { reason, recipient, isDone } = event;
        const text = screen.terminal.withKeys(reason, isDone && texts.keyToEndNow);
        this.#waitTopic = this.#scene.verb === 'demo' || isDone ? reason : 'wait';
        screen.show(this.#waitTopic, ofRecipient(recipient, text), undefined, recipient);
        break;
      }
      case 'warning':
        screen.remark(warningLine(ofRecipient(event.recipient, event.message)));
        // The warning replaced the live line, and it may be long until something else does.
        if (event.recipient !== undefined) this.#waitForNext();
        else if (this.#isIdle) this.#idle(texts.waitingForRecipient);
        break;
      case 'check':
        screen.terminal.print(checkText(event));
        break;
      case 'done':
        this.#drop(event.recipient);
        screen.remark(...doneLines(this.#doneBy, event, this.#kind));
        this.#tellWritten();
        if (this.#scene.keep === true || event.recipient !== undefined) this.#waitForNext();
        break;
    }
  }

  #drop(recipient: number | undefined): void {
    if (recipient !== undefined) this.#screen.terminal.drop(recipient);
  }

  /** While some are served, others are waited for. */
  #waitForNext(): void {
    if (isOfPages(this.#scene.verb)) this.#screen.show('wait', this.#forVisitors);
    else this.#idle(texts.waitingForNext);
  }

  #idle(text: string): void {
    this.#isIdle = true;
    this.#screen.show('wait', text);
  }

  #tor({ progress, summary }: TorEvent): void {
    const screen = this.#screen;
    // The demonstration starts the sender's tor first, and the recipient's after the address is known.
    const isDemo = this.#scene.verb === 'demo';
    const whose = !isDemo ? 'tor' : this.#isOnline ? texts.recipientsTor : texts.sendersTor;
    // The demonstration has just said that it starts this tor; a log need not repeat it.
    screen.show(
      isDemo ? this.#waitTopic : 'tor',
      torText(progress, summary, whose),
      progress / 100,
    );
    if (progress < 100) return;
    if (isDemo) {
      screen.remark({ text: joinedText(whose) });
      const next = this.#isOnline ? texts.recipientConnects : texts.publishing;
      screen.show(next, next);
    } else if (this.#side === 'receive') {
      screen.show('connect', texts.connecting);
    } else if (this.#printed !== undefined) {
      screen.show('wait', texts.goingOnline);
    }
  }

  /**
   * A person has something to pass on while it goes online. A program that reads it may use it at
   * once, and gets it when that is of use.
   */
  #address(event: AddressEvent): void {
    const { terminal, mode } = this.#screen;
    const isRead = terminal.stdout.isTTY === true && terminal.stderr.isTTY === true;
    if (this.#scene.verb === 'send' && isRead && !mode.quiet) this.#invite(event);
  }

  /**
   * stdout gets only what the other side needs, so that it can be piped there: of `send` the
   * invitation, of `relay` address and password, of pages also the user name. stderr may be a log,
   * so secrets go there only if it is a terminal.
   */
  #online(event: OnlineEvent): void {
    const screen = this.#screen;
    this.#isOnline = true;
    if (this.#scene.verb === 'relay') {
      screen.remark(...relayLines(event));
      this.#product('address', event.onion);
      this.#product('password', event.password);
      this.#clientKey(event);
      return;
    }
    if (isOfPages(this.#scene.verb)) {
      const [how, before] = [pagesLines(this.#scene.verb), askedBeforeLines(event)];
      const isForPrograms = this.#scene.verb === 'share' && screen.terminal.stderr.isTTY === true;
      const programs = isForPrograms ? programLines(event, this.#rowsOf(event.invitation)) : [];
      screen.remark(...how);
      this.#product('address', event.url);
      this.#product('user', event.user);
      this.#product('password', event.password);
      screen.remark(...before);
      this.#clientKey(event);
      screen.remark(...programs);
      // The address, the user, the password, and perhaps the key.
      this.#qrCode(event.url, how.length + before.length + programs.length + 4);
      screen.show('wait', this.#forVisitors);
      return;
    }
    if (this.#scene.verb === 'demo') {
      screen.remark({ text: texts.senderWaits });
      screen.terminal.print(labelled('address', event.onion), labelled('password', event.password));
      return;
    }
    if (this.#printed === event.invitation) this.#screen.remark({ text: texts.online });
    else this.#invite(event);
    screen.show('wait', texts.waitingForRecipient);
  }

  /** Of a private address. */
  #clientKey({ clientKey }: OnlineEvent): void {
    if (clientKey !== undefined) this.#product('key', clientKey);
  }

  #invite(event: AddressEvent | OnlineEvent): void {
    const screen = this.#screen;
    this.#printed = event.invitation;
    const { before, after } = invitationLines(event);
    const onTerminal = screen.terminal.stderr.isTTY === true;
    const rows = this.#rowsOf(event.invitation);
    if (onTerminal) screen.remark(...before);
    screen.terminal.print(...rows);
    if (onTerminal) screen.remark(...after);
    this.#qrCode(event.invitation, before.length + rows.length + after.length);
  }

  /**
   * Where a row of the terminal would end within a word, the invitation takes several: `receive` puts
   * them together. Programs get one line.
   */
  #rowsOf(invitation: string): string[] {
    const { isTTY, columns = 0 } = this.#screen.terminal.stdout;
    const isCut = isTTY === true && !this.#screen.mode.quiet && columns > 0;
    return isCut && invitation.length > columns ? invitation.split(/(?<=#)|(?=;)/) : [invitation];
  }

  /** @param above rows that everybody else needs, which it must not push out of the window */
  #qrCode(text: string, above: number): void {
    const { terminal, mode } = this.#screen;
    if (this.#scene.qrCode !== true || terminal.stderr.isTTY !== true || mode.quiet) return;
    const picture = qrCode(text, terminal.stderr, { above, isColoured: terminal.isColoured });
    if (picture === undefined) return;
    this.#screen.remark({ text: texts.qrCode });
    terminal.picture(picture);
  }

  /** A bare value for programs, a named one for people. */
  #product(label: string, value: string): void {
    const { terminal, mode } = this.#screen;
    const line = labelled(label, value, terminal.stderr.columns);
    if (terminal.stdout.isTTY !== true && terminal.stderr.isTTY === true)
      this.#screen.remark({ text: line });
    terminal.print(terminal.stdout.isTTY === true && !mode.quiet ? line : value);
  }

  #tellWritten(): void {
    const { directory } = this.#scene;
    if (directory === undefined) return;
    const prefix = directory === '.' ? '' : `${directory.replace(/\/+$/, '')}/`;
    this.#screen.remark(...nameLines([...this.#written].map((name) => `${prefix}${name}`)));
    this.#written.clear();
  }
}
