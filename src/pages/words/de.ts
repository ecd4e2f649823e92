import type { en } from './en.js';
import { formatsFor } from './formats.js';
import type { Translated } from './translated.js';

const { bytes: sizeOf, count: countOf, number } = formatsFor('de');

const filesText = (count: number): string => countOf(count, 'Datei', 'Dateien');
const entriesText = (count: number): string => countOf(count, 'Eintrag', 'Einträge');

export const de: Translated<typeof en> = {
  language: 'de',
  brand: { name: 'onionferry' },
  layout: {
    skip: 'Zum Hauptinhalt springen',
    trail: 'Pfad zu diesem Ordner',
    footer: 'Über Tor bereitgestellt. Diese Seite lädt nichts von anderen Websites.',
  },
  errors: {
    'bad-request': {
      title: 'Ungültige Anfrage',
      sentence:
        'Der Server hat diese Anfrage nicht verstanden. Gehen Sie zurück und versuchen Sie es noch einmal.',
    },
    'not-found': {
      title: 'Seite nicht gefunden',
      sentence:
        'Unter dieser Adresse gibt es nichts. Vielleicht wurde es verschoben oder entfernt.',
    },
    'method-not-allowed': {
      title: 'Nicht unterstützt',
      sentence: 'Diese Seite unterstützt eine solche Anfrage nicht.',
    },
    expired: {
      title: 'Nicht mehr verfügbar',
      sentence:
        'Diese Adresse war nur für begrenzte Zeit verfügbar. Bitten Sie die Person, von der Sie sie haben, um eine neue.',
    },
    'limit-reached': {
      title: 'Download-Limit erreicht',
      sentence:
        'Diese Dateien konnten nur begrenzt oft heruntergeladen werden. Bitten Sie die Person, von der Sie die Adresse haben, sie noch einmal freizugeben.',
    },
    'too-large': {
      title: 'Zu groß',
      sentence: 'Das ist mehr, als der Server annimmt. Es wurde nichts gespeichert.',
    },
    'archive-too-large': {
      title: 'Zu viel für eine ZIP-Datei',
      sentence:
        'Es sind zu viele Dateien und Ordner, oder sie sind zu tief verschachtelt. Gehen Sie zurück, öffnen Sie einen Ordner und laden Sie weniger auf einmal herunter.',
    },
    internal: {
      title: 'Etwas ist schiefgegangen',
      sentence:
        'Das Problem liegt am Server, nicht an Ihnen. Versuchen Sie es noch einmal, oder sagen Sie der Person Bescheid, von der Sie die Adresse haben.',
    },
    'downloads-at-once': {
      title: 'Zu viele Downloads auf einmal',
      sentence:
        'Bei Ihnen laufen so viele Downloads, wie dieser Server gleichzeitig erlaubt. Versuchen Sie es erneut, wenn einer davon beendet ist.',
    },
    busy: {
      title: 'Gerade zu viel Andrang',
      sentence:
        'Der Server bearbeitet gerade zu viele Anfragen. Versuchen Sie es in einer Minute noch einmal.',
    },
  },
  errorBack: 'Zur Startseite',
  login: {
    title: 'Bitte melden Sie sich an',
    user: 'Benutzername',
    password: 'Passwort',
    kinds: {
      transfer: {
        lead: 'Laden Sie diese Seite neu. Wenn der Browser fragt, geben Sie ein, was in der Einladung steht, die Sie bekommen haben.',
        password:
          'alle Wörter nach # im Einladungslink, bis zum ersten Semikolon, falls es eines gibt',
        hint: 'Ein Einladungslink sieht aus wie http://….onion/#wort-wort-wort-wort-wort-wort.',
      },
      relay: {
        lead: 'Laden Sie diese Seite neu. Wenn der Browser fragt, geben Sie die Zugangsdaten dieses Relays ein.',
        password:
          'das dieses Relays; in einem Einladungslink steht es nach „relay=“ (%20 ist ein Leerzeichen)',
        hint: 'Geben Sie hier nicht das Passwort einer Übertragung ein. Danach fragt die Seite, wenn Sie angemeldet sind.',
      },
      given: {
        lead: 'Laden Sie diese Seite neu. Wenn der Browser fragt, geben Sie den Benutzernamen und das Passwort ein, die Sie mit dieser Adresse bekommen haben.',
      },
    },
  },
  files: {
    columns: { name: 'Name', size: 'Größe', time: 'Geändert (UTC)' },
    folder: 'Ordner',
    preview: 'Ansehen',
    archive: 'Als ZIP herunterladen',
    count: (count, bytes) => `${filesText(count)}, ${sizeOf(bytes)}`,
  },
  pager: {
    earlier: 'Vorherige',
    later: 'Nächste',
    pageOf: (page, pages) => `Seite ${number(page)} von ${number(pages)}`,
    jump: 'Zur Seite',
    jumpButton: 'Los',
  },
  share: {
    title: 'Freigegebene Dateien',
    everything: 'Alles herunterladen',
    only: 'Herunterladen',
    everythingHint:
      '„Alles herunterladen“ ergibt eine ZIP-Datei. Wird der Download unterbrochen, können Sie ihn fortsetzen.',
    tooMuchForZip: (entries, depth) =>
      `Das ist mehr, als in eine ZIP-Datei passt: Sie nimmt bis zu ${number(entries)} Dateien und Ordner auf, bis zu ${number(depth)}-fach verschachtelt. Öffnen Sie einen Ordner, um weniger auf einmal herunterzuladen.`,
    table: (folder) => `Dateien und Ordner in ${folder}`,
    empty: 'Dieser Ordner ist leer.',
    many: entriesText,
    pages: 'Seiten dieses Ordners',
    search: 'Diesen Ordner durchsuchen',
    searchButton: 'Suchen',
    searchEnd: 'Alle zeigen',
    found: (count, all) => `${number(count)} von ${countOf(all, 'Eintrag', 'Einträgen')} gefunden`,
    notFound: (search) => `Kein Name in diesem Ordner enthält „${search}“.`,
    leftOut: (count) =>
      `${entriesText(count)} in diesem Ordner ${count === 1 ? 'kann' : 'können'} nicht heruntergeladen werden:`,
    leftOutBecause: {
      link: 'eine symbolische Verknüpfung',
      special: 'eine Pipe, ein Socket oder ein Gerät',
      unreadable: 'für onionferry nicht lesbar',
      untold: 'die Größe ist unbekannt',
      gone: 'nicht mehr da',
    },
    leftOutMore: (count) => `und ${number(count)} weitere`,
  },
  site: {
    root: 'Alle Dateien',
  },
  relay: {
    trust:
      'Sie müssen dem Betreiber dieses Relays vertrauen: Er könnte diese Seite so verändern, dass sie verrät, was Sie senden oder empfangen. Das Programm onionferry hat diese Schwäche nicht.',
    receive: {
      title: 'Dateien empfangen',
      lead: 'Geben Sie das Passwort ein, das Sie vom Absender bekommen haben. Alles wird auf dieser Seite entschlüsselt und geprüft.',
      code: 'Passwort',
      codeHint:
        'Fünf oder mehr Wörter, etwa wort-wort-wort-wort-wort, oder ein ganzer Einladungslink.',
      start: 'Empfangen',
      other: 'Stattdessen Dateien senden',
      offer: 'Möchten Sie das empfangen?',
      accept: 'Annehmen',
      decline: 'Ablehnen',
      unknownSize: (limit) =>
        `Die Gesamtgröße ist noch nicht bekannt. Diese Seite kann bis zu ${sizeOf(limit)} empfangen.`,
      asZip: (name) => `Es wird als eine Datei gespeichert, „${name}“.`,
      linksLeftOut:
        'Symbolische Verknüpfungen werden weggelassen, weil ein Browser keine anlegen kann.',
      text: 'Text',
      done: 'Übertragung abgeschlossen',
      doneLead:
        'Alles wurde empfangen und geprüft. Sehen Sie im Download-Ordner Ihres Browsers nach.',
      textLead: 'Der Text wurde empfangen und geprüft.',
      keepAgain: (name) => `„${name}“ noch einmal speichern`,
      keepText: 'Als Datei speichern',
      textName: 'text.txt',
      caption: 'Angebotene Dateien',
    },
    send: {
      title: 'Dateien senden',
      lead: 'Wählen Sie Dateien oder einen Ordner, oder schreiben Sie einen Text. Alles wird auf dieser Seite verschlüsselt und verlässt Ihren Computer erst, wenn jemand mit dem Passwort es empfängt.',
      other: 'Stattdessen Dateien empfangen',
      files: 'Dateien',
      folder: 'Ordner',
      text: 'Text',
      textHint: 'Wird nur gesendet, wenn Sie keine Dateien wählen.',
      start: 'Einladung erstellen',
      waiting: 'Bereit zum Senden: Geben Sie diese Einladung dem Empfänger',
      invitation: 'Einladungslink',
      invitationHint: 'Der Link enthält das Passwort. Geben Sie ihn nur vertraulich weiter.',
      browserHint:
        'Im Tor Browser fragt der Link zuerst nach Zugangsdaten: Der Benutzername ist „ferry“, das Passwort das, mit dem Sie sich an diesem Relay angemeldet haben. Es steht im Link nach „relay=“.',
      code: 'Nur das Passwort',
      copy: 'Link kopieren',
      copied: 'Link kopiert.',
      copyYourself:
        'Ihr Browser lässt diese Seite nicht kopieren. Der Link ist markiert, sodass Sie ihn selbst kopieren können.',
      patience: 'Lassen Sie diese Seite offen. Sie wartet auf den Empfänger.',
      done: 'Übertragung abgeschlossen',
      doneLead: 'Der Empfänger hat alles empfangen und geprüft.',
      nothing: 'Wählen Sie Dateien oder einen Ordner, oder schreiben Sie einen Text.',
      textName: 'text.txt',
    },
    states: {
      looking: 'Der Absender wird gesucht …',
      proving: 'Das Passwort wird geprüft …',
      waitingFor: (what) => `Warten: ${what}.`,
      asked: 'Wartet auf Ihre Entscheidung.',
      running: 'Wird übertragen …',
      checking: 'Die Dateien werden gespeichert …',
      away: 'Verbindung verloren. Verbindung wird wiederhergestellt …',
      preparing: 'Wird vorbereitet …',
      joined: 'Jemand hat sich verbunden. Das Passwort wird geprüft …',
      rejected:
        'Jemand hat sich mit einem falschen Passwort verbunden. Wartet weiter auf das richtige.',
      declining: 'Wartet, bis der Empfänger annimmt …',
    },
    text: { title: 'Ein Text für Sie', download: 'Als Datei speichern' },
    stream: {
      title: 'Bereit zum Empfangen',
      lead: 'Der Absender erzeugt diesen Inhalt, während er ihn sendet. Er kann nur einmal gesendet und nicht wie eine Datei heruntergeladen werden. Empfangen Sie ihn auf dieser Seite oder mit dem Programm onionferry.',
      receive: 'In dieser Seite empfangen',
    },
    progressLabel: 'Fortschritt',
    progress: (bytes, total, rate, left) =>
      `${bytes}${total === undefined ? '' : ` von ${total}`}${rate === undefined ? '' : `, ${rate}`}${left === undefined ? '' : `, noch ${left}`}`,
    cancel: 'Abbrechen',
    again: 'Von vorn beginnen',
    failed: 'Übertragung fehlgeschlagen',
    cancelled: 'Übertragung abgebrochen',
    failures: {
      byCode: {
        ERR_PASSWORD:
          'Das Passwort ist falsch. Gleichen Sie es mit dem Absender ab und geben Sie es noch einmal ein.',
        ERR_STREAM:
          'Die Daten wurden unterwegs verändert, von diesem Relay oder von etwas anderem zwischen Ihnen und der Gegenseite. Es wurde nichts gespeichert.',
        ERR_CHANNEL_MISSING:
          'Mit diesem Passwort sendet gerade niemand. Prüfen Sie das Passwort, und fragen Sie den Absender, ob die Übertragung noch läuft.',
        ERR_CHANNEL_FULL:
          'Jemand anderes empfängt das bereits. Bitten Sie den Absender, es noch einmal zu senden.',
        ERR_PEER_GONE:
          'Die Gegenseite hat die Verbindung beendet, bevor die Übertragung abgeschlossen war. Bitten Sie sie, neu zu beginnen.',
        ERR_RELAY:
          'Diese Adresse antwortet nicht mehr. Versuchen Sie es in einer Minute noch einmal.',
        ERR_RELAY_BUSY:
          'Das Relay ist gerade überlastet. Versuchen Sie es in einer Minute noch einmal.',
        ERR_REFUSED: 'Die Übertragung wurde abgelehnt. Es wurde nichts gespeichert.',
        ERR_HOSTILE_NAME:
          'Ein Dateiname in dieser Übertragung könnte Ihrem Computer schaden. Es wurde nichts gespeichert. Seien Sie vorsichtig mit diesem Absender.',
        ERR_CURVE:
          'Der Absender verwendet eine andere Kurve als Ihre Einladung. Bitten Sie den Absender um den ganzen Einladungslink.',
        ERR_INTERRUPTED: 'Es wurde nichts gespeichert.',
        ERR_SOURCE:
          'Ihr Browser konnte die gewählten Dateien nicht lesen. Wählen Sie sie noch einmal.',
      },
      tooLarge:
        'Die Übertragung ist größer geworden, als diese Seite fassen kann. Verwenden Sie stattdessen das Programm onionferry.',
      defect:
        'Ein unerwarteter Fehler ist aufgetreten. Laden Sie diese Seite neu und versuchen Sie es noch einmal.',
    },
    tooLarge: (bytes, limit, files) =>
      `Diese Übertragung umfasst ${sizeOf(bytes)}. Diese Seite hält alles im Arbeitsspeicher und kann bis zu ${sizeOf(limit)} oder ${filesText(files)} empfangen.`,
    tooLargeOwn:
      'Um sie in jeder Größe herunterzuladen, starten Sie Ihren Browser neu, öffnen Sie diese Adresse wieder und melden Sie sich als „ferry“ mit dem ganzen Passwort an.',
    tooLargeShared:
      'Verwenden Sie das Programm onionferry mit einem neuen Passwort vom Absender. Oder bitten Sie ihn, ohne Relay zu senden; dann können Sie es mit jedem Browser herunterladen.',
    noScript: {
      title: 'Diese Seite braucht JavaScript',
      shared:
        'Sie entschlüsselt die Dateien in Ihrem Browser. Stellen Sie die Sicherheitsstufe des Tor Browsers auf „Sicherer“ oder „Standard“ und laden Sie neu, oder verwenden Sie das Programm onionferry. Sendet der Absender ohne Relay, können Sie auch ohne JavaScript herunterladen.',
      own: 'Sie entschlüsselt die Dateien in Ihrem Browser. Stellen Sie die Sicherheitsstufe des Tor Browsers auf „Sicherer“ oder „Standard“ und laden Sie neu. Um ohne JavaScript herunterzuladen, starten Sie Ihren Browser neu, öffnen Sie diese Adresse wieder und melden Sie sich als „ferry“ mit dem ganzen Passwort an.',
    },
  },
  verify: {
    title: 'Nur mit dem Programm',
    lead: 'Der Absender möchte mit Ihnen einen Satz vergleichen, bevor etwas gesendet wird. Dafür brauchen Sie auf Ihrer Seite das Programm onionferry: onionferry receive --verify.',
  },
  parallel: {
    faster: 'Schneller',
    everythingFaster: 'Schneller herunterladen',
    lead: 'Diese Seite lädt über mehrere Tor-Kanäle zugleich, was schneller ist als über einen. Sie hält alles im Arbeitsspeicher, prüft es und speichert es, wenn es vollständig ist.',
    start: 'Download starten',
    plain: 'Einfacher Download',
    progress: 'Wird heruntergeladen',
    cancel: 'Abbrechen',
    connecting: 'Wird verbunden …',
    circuits: (count) => `Über ${countOf(count, 'Kanal', 'Kanäle')}.`,
    waiting: 'Verbindung verloren. Verbindung wird wiederhergestellt …',
    verifying: 'Wird geprüft …',
    done: 'Download abgeschlossen',
    doneLead:
      'Alles ist angekommen und wurde geprüft. Sehen Sie im Download-Ordner Ihres Browsers nach. Lassen Sie diese Seite offen, bis die Datei dort ist.',
    keepAgain: (name) => `„${name}“ noch einmal speichern`,
    failed: 'Download fehlgeschlagen',
    cancelled: 'Download abgebrochen',
    again: 'Noch einmal versuchen',
    failures: {
      cancelled: 'Es wurde nichts gespeichert.',
      changed:
        'Die Datei hat sich auf der anderen Seite geändert, seit der Download begann. Starten Sie neu, um die neue Fassung zu bekommen.',
      gone: 'Die Datei kann nicht mehr heruntergeladen werden: Sie wurde entfernt, oder das Download-Limit ist erreicht.',
      lost: 'Die Gegenseite war einige Minuten lang nicht erreichbar. Was angekommen ist, bleibt erhalten, solange diese Seite offen ist: Versuchen Sie es noch einmal, und der Download geht weiter.',
      damaged:
        'Was angekommen ist, stimmt nicht mit den Prüfsummen überein, auch nicht beim zweiten Mal. Verwenden Sie den einfachen Download.',
      memory:
        'Ihr Browser hat für diese Datei nicht genug Arbeitsspeicher. Verwenden Sie den einfachen Download.',
    },
    tooLargeTitle: 'Zu groß für einen schnelleren Download',
    tooLarge: (limit) =>
      `Die Datei müsste in den Arbeitsspeicher Ihres Browsers passen; diese Seite fasst höchstens ${sizeOf(limit)}. Verwenden Sie den einfachen Download: Er schafft jede Größe und kann fortgesetzt werden.`,
    noScriptTitle: 'Ein schnellerer Download braucht JavaScript',
    noScript:
      'Verwenden Sie den einfachen Download, oder stellen Sie die Sicherheitsstufe des Tor Browsers auf „Sicherer“ oder „Standard“ und laden Sie neu.',
  },
  inbox: {
    title: 'Dateien senden',
    lead: 'Ihre Dateien gelangen über Tor direkt auf den Computer der Person, die Ihnen diese Adresse gegeben hat. Kein Server dazwischen behält eine Kopie.',
    files: 'Dateien',
    filesHint: 'Wählen Sie beliebig viele, oder ziehen Sie sie hierher.',
    chosen: 'Gewählte Dateien',
    remove: 'Entfernen',
    folderDropped: {
      title: 'Ordner können nicht hierher gezogen werden',
      sentence: 'Verwenden Sie das Feld „Ordner“, um alles in einem Ordner zu senden.',
    },
    folder: 'Ordner',
    folderHint: 'Sendet alles in dem Ordner.',
    kindsAccepted: (kinds) => `Angenommene Dateitypen: ${kinds.join(', ')}.`,
    kindsDenied: (kinds) => `Nicht angenommene Dateitypen: ${kinds.join(', ')}.`,
    perFile: (bytes) => `Bis zu ${sizeOf(bytes)} je Datei.`,
    perUpload: (bytes) => `Bis zu ${sizeOf(bytes)} auf einmal.`,
    filesAtOnce: (count) => `Bis zu ${filesText(count)} auf einmal.`,
    note: 'Nachricht',
    noteHint: 'Optional. Sie können eine Nachricht auch ohne Dateien senden.',
    submit: 'Senden',
    patience: 'Lassen Sie diese Seite offen, bis sie bestätigt, dass alles angekommen ist.',
    progress: 'Wird hochgeladen',
    progressOf: (first, others) =>
      others === 0
        ? `${first} wird hochgeladen`
        : `${first} und ${countOf(others, 'weitere Datei', 'weitere Dateien')} werden hochgeladen`,
    lastBytes: 'Alles ist gesendet. Wartet auf die Bestätigung …',
    cancel: 'Abbrechen',
    cancelledTitle: 'Hochladen abgebrochen',
    cancelled: 'Es wurde nichts gespeichert. Ihre Dateien sind noch ausgewählt.',
    brokenTitle: 'Verbindung verloren',
    broken:
      'Das Hochladen wurde unterbrochen, und es wurde nichts gespeichert. Bitte senden Sie es noch einmal.',
    brokenKept:
      'Das Hochladen wurde unterbrochen. Senden Sie dieselben Dateien noch einmal: Große gehen dort weiter, wo sie aufgehört haben.',
    continues:
      'Wird diese Seite geschlossen, öffnen Sie sie wieder und wählen Sie dieselben Dateien: Große gehen dort weiter, wo sie aufgehört haben.',
    received: {
      title: 'Hochladen abgeschlossen',
      lead: (count, bytes) =>
        `Empfangen und gespeichert: ${filesText(count)}, ${sizeOf(bytes)}. Sie können die SHA-256-Prüfsummen mit denen Ihrer eigenen Dateien vergleichen.`,
      caption: 'Empfangene Dateien',
      name: 'Name',
      size: 'Größe',
      sha256: 'SHA-256',
      more: (count) => `Und ${countOf(count, 'weitere Datei', 'weitere Dateien')}.`,
      again: 'Weitere Dateien senden',
      receipt: (id) => `Quittung ${id}`,
    },
    closed: {
      title: 'Das Postfach ist voll',
      sentence:
        'Er nimmt nichts mehr an. Bitte wenden Sie sich an die Person, die Ihnen die Adresse gegeben hat.',
    },
    refused: {
      title: {
        'file-too-large': 'Datei zu groß',
        'upload-too-large': 'Zu viel auf einmal',
        'too-many-files': 'Zu viele Dateien',
        'note-too-long': 'Nachricht zu lang',
        'kind-refused': 'Dateityp nicht angenommen',
        'name-refused': 'Dateiname nicht angenommen',
        'inbox-full': 'Das Postfach ist voll',
        'disk-full': 'Nicht genug Speicherplatz',
        busy: 'Gerade zu viel Andrang',
        'check-refused': 'Nicht angenommen',
        'check-failed': 'Konnte nicht geprüft werden',
        'foreign-page': 'Upload blockiert',
        'broken-form': 'Unvollständig angekommen',
        'empty-form': 'Nichts zu senden',
      },
      'file-too-large': (name, limit) =>
        `„${name}“ ist größer als ${sizeOf(limit)}, die Obergrenze für eine Datei. Es wurde nichts gespeichert. Lassen Sie sie weg und versuchen Sie es noch einmal.`,
      'upload-too-large': (limit) =>
        `Auf einmal sind höchstens ${sizeOf(limit)} möglich. Es wurde nichts gespeichert. Senden Sie Ihre Dateien in mehreren Teilen.`,
      'too-many-files': (limit) =>
        `Auf einmal sind höchstens ${filesText(limit)} möglich, Ordner mitgezählt. Es wurde nichts gespeichert. Senden Sie Ihre Dateien in mehreren Teilen.`,
      'note-too-long': (limit) =>
        `Eine Nachricht kann bis zu ${sizeOf(limit)} lang sein. Es wurde nichts gespeichert. Senden Sie einen längeren Text als Datei.`,
      'kind-refused': (name) =>
        `Dateien wie „${name}“ werden hier nicht angenommen. Es wurde nichts gespeichert. Lassen Sie sie weg und versuchen Sie es noch einmal.`,
      'name-refused': (name) =>
        `„${name}“ ist als Dateiname nicht möglich. Es wurde nichts gespeichert. Benennen Sie die Datei um und senden Sie sie noch einmal.`,
      'inbox-full': 'Das Postfach hat dafür nicht genug Platz. Es wurde nichts gespeichert.',
      'disk-full':
        'Der empfangende Computer hat dafür nicht genug freien Speicherplatz. Es wurde nichts gespeichert.',
      'check-refused':
        'Der empfangende Computer hat das geprüft und nicht angenommen. Es wurde nichts gespeichert. Bitte wenden Sie sich an die Person, die Ihnen die Adresse gegeben hat.',
      'check-failed':
        'Der empfangende Computer konnte das nicht prüfen. Es wurde nichts gespeichert. Versuchen Sie es später noch einmal, oder wenden Sie sich an die Person, die Ihnen die Adresse gegeben hat.',
      busy: 'Gerade wird zu viel hochgeladen. Es wurde nichts gespeichert. Versuchen Sie es in einer Minute noch einmal.',
      'foreign-page':
        'Das kam nicht von dieser Seite; vielleicht hat eine andere Website versucht, es in Ihrem Namen zu senden. Es wurde nichts gespeichert.',
      'broken-form':
        'Es kam beschädigt oder abgeschnitten an. Es wurde nichts gespeichert. Bitte senden Sie es noch einmal.',
      'empty-form': 'Wählen Sie Dateien oder einen Ordner, oder schreiben Sie eine Nachricht.',
      back: 'Zurück zum Formular',
    },
  },
};
