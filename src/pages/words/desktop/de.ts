import { formatsFor } from '../formats.js';
import type { Translated } from '../translated.js';
import type { en } from './en.js';

const { bytes: sizeOf, count: countOf, number, rate: rateOf, seconds: timeOf } = formatsFor('de');

/** Times end in abbreviations, such as „Sek.“. */
const ended = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

const filesText = (count: number): string => countOf(count, 'Datei', 'Dateien');

export const de: Translated<typeof en> = {
  language: 'de',
  title: 'Auf diesem Computer',
  footer: 'Diese Seite kommt von onionferry auf diesem Computer und lädt nichts von anderswo.',
  needsScripts: 'Diese Seite braucht JavaScript.',
  enter: {
    title: 'onionferry',
    opening: 'Wird geöffnet …',
    refusedTitle: 'Dieser Link öffnet onionferry nicht',
    refused:
      'Er gilt nur einmal. Falls Sie ihn schon geöffnet haben, verwenden Sie das Fenster von damals. Falls nicht, war es vielleicht jemand anderes an diesem Computer: Beenden Sie onionferry und starten Sie es neu.',
    missing:
      'Öffnen Sie die Adresse, die onionferry beim Start ausgegeben hat, oder starten Sie es neu.',
  },
  refused: {
    title: 'Nicht erlaubt',
    sentence: 'Das darf nur das Browserfenster, das onionferry geöffnet hat.',
  },
  refusals: {
    listFull: 'Die Liste ist voll. Entfernen Sie, was beendet ist.',
    nothingChosen: 'Es wurde nichts ausgewählt.',
    allOfHome: 'Wählen Sie etwas in Ihrem persönlichen Ordner aus, nicht den ganzen.',
    missing: (name) => `Es gibt keine solche Datei und keinen solchen Ordner: ${name}`,
    notOffered: 'Der Absender bietet es nicht mehr an.',
    notInterrupted: 'Diese Übertragung lässt sich nicht mehr fortsetzen.',
    drops:
      'Es wurde zu viel hierhergezogen und nicht verwendet. Beenden Sie onionferry und starten Sie es neu.',
    dropGone: 'Was Sie hierhergezogen haben, ist nicht mehr da. Ziehen Sie es noch einmal hierher.',
    dropName: (name) =>
      `„${name}“ hat einen Namen, der sich nicht übernehmen lässt. Benennen Sie die Datei um.`,
    dropChanged: (name) =>
      `„${name}“ hat sich geändert, während es kopiert wurde. Entfernen Sie es hier und ziehen Sie es noch einmal hierher.`,
    addressAlone: 'Das ist eine Adresse ohne Passwort. Fügen Sie die ganze Einladung ein.',
    unlisted: (word, nearest) => {
      const meant = new Intl.ListFormat('de', { type: 'disjunction' }).format(nearest);
      return nearest.length === 0
        ? `„${word}“ steht nicht in der Wortliste.`
        : `„${word}“ steht nicht in der Wortliste. Meinten Sie ${meant}?`;
    },
  },
  tor: {
    connecting:
      'Verbindung mit Tor wird aufgebaut. Das kann eine Minute dauern, beim ersten Mal länger.',
    connected: 'Mit Tor verbunden.',
    failed: 'Keine Verbindung mit Tor',
    again: 'Noch einmal versuchen',
  },
  quit: 'onionferry beenden',
  quitHint:
    'Beendet alles auf dieser Seite. Übertragungen lassen sich später fortsetzen, außer denen von hierhergezogenen Dateien.',
  ended: {
    title: 'onionferry ist beendet',
    sentence: 'Sie können dieses Fenster schließen. Um weiterzumachen, starten Sie onionferry neu.',
    gone: 'onionferry antwortet nicht mehr. Starten Sie es neu.',
  },
  verbs: {
    send: {
      name: 'Senden',
      title: 'Dateien oder einen Text senden',
      lead: 'Eine Person empfängt sie, mit onionferry oder mit dem Tor Browser. Sie bekommen eine Einladung, die Sie weitergeben.',
      start: 'Senden',
    },
    receive: {
      name: 'Empfangen',
      title: 'Empfangen',
      lead: 'Fügen Sie die Einladung ein, die Sie vom Absender bekommen haben. Sie sehen, was angeboten wird, bevor etwas gespeichert wird.',
      start: 'Empfangen',
    },
    share: {
      name: 'Freigeben',
      title: 'Zum Herunterladen freigeben',
      lead: 'Wer die Adresse und das Passwort hat, kann herunterladen, mit dem Tor Browser oder mit onionferry, bis Sie es stoppen.',
      start: 'Freigeben',
    },
    inbox: {
      name: 'Postfach',
      title: 'Dateien entgegennehmen',
      lead: 'Wer die Adresse und das Passwort hat, kann mit dem Tor Browser Dateien in einen Ihrer Ordner hochladen, bis Sie es stoppen.',
      start: 'Postfach öffnen',
    },
    site: {
      name: 'Website',
      title: 'Eine Website bereitstellen',
      lead: 'Wer die Adresse und das Passwort hat, sieht mit dem Tor Browser die Seiten in einem Ordner, bis Sie es stoppen.',
      start: 'Website bereitstellen',
    },
  },
  nav: 'Was Sie tun möchten',
  what: {
    chosen: 'Ausgewählt',
    none: 'Es ist noch nichts ausgewählt.',
    add: 'Dateien oder Ordner auswählen',
    remove: (name) => `${name} entfernen`,
    removeShort: 'Entfernen',
    drop: 'Sie können Dateien und Ordner auch hierherziehen. Sie werden in einen privaten Ordner kopiert, der danach wieder entfernt wird.',
    droppedFile: (bytes) => sizeOf(bytes),
    droppedFolder: (files, bytes) =>
      files === 0 ? 'Ordner, keine Dateien' : `Ordner, ${filesText(files)}, ${sizeOf(bytes)}`,
    reading: 'Was Sie hierhergezogen haben, wird gelesen …',
    unreadable: (name) =>
      `„${name}“ lässt sich nicht lesen. Vielleicht wurde es verschoben, geändert oder gelöscht. Ziehen Sie es noch einmal hierher, oder lassen Sie es weg.`,
    uploading: (bytes, total) =>
      `Wird kopiert: ${sizeOf(bytes)} von ${sizeOf(total)}. Lassen Sie diese Seite offen.`,
    cancel: 'Abbrechen',
    cancelled: 'Das Kopieren wurde abgebrochen.',
    keep: 'Beliebig viele Personen empfangen lassen, bis ich es stoppe',
    text: 'Oder ein Text',
    textHint: 'Der Empfänger sieht ihn; gespeichert wird nichts.',
    nothing:
      'Wählen Sie eine Datei oder einen Ordner aus, ziehen Sie etwas hierher, oder schreiben Sie einen Text.',
    nothingToShare: 'Wählen Sie eine Datei oder einen Ordner aus, oder ziehen Sie etwas hierher.',
    both: 'Senden Sie entweder Dateien oder einen Text.',
  },
  aText: 'ein Text',
  andMore: (name, more) => `${name} und ${number(more)} weitere`,
  invitation: 'Einladung',
  invitationHint:
    'Ein Link wie http://….onion/#wort-wort-wort. Anführungszeichen und Text darum herum stören nicht.',
  noInvitation: 'Fügen Sie zuerst die Einladung ein.',
  noFolder: 'Wählen Sie zuerst einen Ordner aus.',
  anyway: 'Mit diesen Wörtern empfangen',
  folderOf: {
    receive: 'Speichern in',
    inbox: 'Ordner, in den hochgeladen wird',
    site: 'Ordner der Website',
  },
  choose: 'Ordner auswählen',
  chooseOther: 'Anderen Ordner auswählen',
  home: 'Persönlicher Ordner',
  chooser: {
    titleFiles: 'Dateien und Ordner auswählen',
    titleFolder: 'Ordner auswählen',
    take: 'Hinzufügen',
    takeName: (name) => `${name} hinzufügen`,
    takeThis: 'Diesen Ordner verwenden',
    close: 'Schließen',
    hidden: 'Versteckte Dateien anzeigen',
    empty: 'Dieser Ordner ist leer.',
    more: (count) => `und ${countOf(count, 'weiterer Eintrag', 'weitere Einträge')}`,
    loading: 'Wird geladen …',
    path: 'Wo Sie sind',
    list: 'Dateien und Ordner',
    size: (bytes) => sizeOf(bytes),
  },
  interrupted: {
    title: 'Unterbrochen',
    lead: 'Diese Übertragungen endeten, bevor sie vollständig waren. Sie gehen dort weiter, wo sie aufgehört haben, sofern die Gegenseite noch da ist.',
    receive: (folder) => `Empfangen in ${folder}`,
    send: (what) => `Senden: ${what}`,
    since: (when) =>
      `Begonnen am ${when.toLocaleString('de', { dateStyle: 'medium', timeStyle: 'short' })}`,
    recipients: (count) => `An ${number(count)} Empfänger`,
    go: 'Fortsetzen',
    goName: (what) => `Fortsetzen: ${what}`,
    discard: 'Verwerfen',
    discardName: (what) => `Verwerfen: ${what}`,
  },
  tasks: {
    title: 'Aktiv',
    none: 'Zurzeit ist nichts aktiv.',
    stop: 'Stoppen',
    stopTransfer: 'Stoppen und verwerfen',
    stopName: (stop, verb, about) => `${stop}: ${verb}, ${about}`,
    forget: 'Aus der Liste entfernen',
    forgetName: (forget, verb, about) => `${forget}: ${verb}, ${about}`,
    address: 'Adresse',
    user: 'Benutzername',
    password: 'Passwort',
    invitation: 'Einladung',
    copy: 'Kopieren',
    copyWhat: (what) => `${what} kopieren`,
    copied: 'Kopiert.',
    qrOf: (what) => `QR-Code: ${what}`,
    withFerry: 'Mit onionferry: Die andere Person fügt diese Einladung ein.',
    withBrowser:
      'Mit dem Tor Browser: Die andere Person öffnet diese Adresse und gibt den Benutzernamen und das Passwort ein.',
    progress: 'Fortschritt',
    ofRecipient: (recipient) => `Empfänger ${number(recipient)}`,
    progressText: (bytes, total, rate, left, circuits) =>
      [
        total === null ? sizeOf(bytes) : `${sizeOf(bytes)} von ${sizeOf(total)}`,
        rateOf(rate),
        ...(left === null ? [] : [`noch ${timeOf(left)}`]),
        ...(circuits > 1 ? [countOf(circuits, 'Kanal', 'Kanäle')] : []),
      ].join(', '),
    offer: (files, bytes) =>
      `Der Absender bietet an: ${filesText(files)}, ${bytes === null ? 'Größe unbekannt' : sizeOf(bytes)}`,
    offerText: 'Der Absender bietet einen Text an.',
    offerMore: (count) => `und ${number(count)} weitere`,
    accept: 'Annehmen',
    decline: 'Ablehnen',
    text: 'Der Text',
    warning: 'Hinweis',
    failed: 'Das ist fehlgeschlagen',
    inEnglish: 'Genauer, auf Englisch:',
    files: {
      send: 'Gesendet:',
      receive: 'Gespeichert:',
      share: 'Abgerufen, das Neueste zuerst:',
      inbox: 'Eingegangen, das Neueste zuerst:',
      site: 'Abgerufen, das Neueste zuerst:',
    },
    file: (path, bytes) => `${path} (${sizeOf(bytes)})`,
    stages: {
      running: 'Läuft',
      asking: 'Ihre Antwort ist nötig',
      ending: 'Wird gestoppt',
      done: 'Fertig',
      failed: 'Fehlgeschlagen',
      stopped: 'Gestoppt',
    },
  },
  status: {
    waitingForTor: 'Wartet auf Tor.',
    starting: 'Wird gestartet.',
    publishing: 'Die Adresse wird veröffentlicht. Sie können sie schon weitergeben.',
    waitingForRecipient: 'Wartet auf den Empfänger.',
    waitingForVisitors: 'Wartet auf Besucher.',
    asked: 'Sehen Sie sich das Angebot an, und nehmen Sie es an oder lehnen Sie es ab.',
    running: 'Die Übertragung läuft.',
    resuming: 'Eine unterbrochene Übertragung wird fortgesetzt.',
    waiting: 'Wartet auf die Gegenseite.',
    stopping: 'Wird gestoppt.',
    stopped: 'Gestoppt.',
    suspended: 'Unterbrochen. Was angekommen ist, bleibt erhalten.',
    declined: 'Sie haben das Angebot abgelehnt.',
    ended: 'Beendet.',
    sent: (files, bytes, seconds) =>
      ended(`Gesendet: ${filesText(files)}, ${sizeOf(bytes)} in ${timeOf(seconds)}`),
    received: (files, bytes, seconds) =>
      ended(`Empfangen: ${filesText(files)}, ${sizeOf(bytes)} in ${timeOf(seconds)}`),
    receivedText: 'Ein Text wurde empfangen.',
    peers: {
      joined: 'Die Gegenseite hat sich verbunden.',
      authenticated: 'Beide Seiten kennen das Passwort.',
      rejected: 'Jemand mit einem falschen Passwort wurde abgewiesen.',
      left: 'Die Gegenseite hat die Verbindung getrennt.',
    },
  },
};
