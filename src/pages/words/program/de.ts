import type { ProgramSentences } from './program-sentences.js';

export const de: ProgramSentences = {
  byCode: {
    ERR_USAGE: 'So lässt sich das nicht starten.',
    ERR_INVITATION:
      'Diese Einladung lässt sich nicht verwenden. Fügen Sie sie ganz ein, so wie Sie sie bekommen haben.',
    ERR_INVITATION_IN_ARGV:
      'Die Einladung wurde in der Befehlszeile angegeben, wo andere sie sehen können. Bitten Sie den Absender um eine neue.',
    ERR_PASSWORD_FORM: 'Dieses Passwort hat nicht die richtige Form.',
    ERR_PASSWORD_WEAK: 'Dieses Passwort ist zu leicht zu erraten.',
    ERR_PASSWORD:
      'Das Passwort ist falsch. Gleichen Sie die Einladung mit dem Absender ab; er wartet noch.',
    ERR_KEY: 'Ein Schlüssel lässt sich nicht verwenden.',
    ERR_KEY_MISSING: 'Ein Schlüssel fehlt.',
    ERR_IDENTITY_BUSY: 'Ein anderes onionferry verwendet diese Adresse schon.',
    ERR_TOR_MISSING: 'Auf diesem Computer gibt es kein Tor, das sich verwenden lässt.',
    ERR_TOR_TOO_OLD: 'Das installierte Tor ist zu alt.',
    ERR_TOR_INSTALL: 'Tor ließ sich nicht installieren.',
    ERR_TOR_TRANSPORT:
      'Das Programm, mit dem Tor eine Brücke erreicht, lässt sich nicht verwenden.',
    ERR_TOR_START: 'Tor lässt sich nicht starten.',
    ERR_TOR_BOOTSTRAP:
      'Tor hat keine Verbindung zu seinem Netz bekommen. Prüfen Sie Ihre Internetverbindung.',
    ERR_TOR_DIED: 'Tor hat sich unerwartet beendet.',
    ERR_TOR_CONTROL: 'Tor lässt sich nicht steuern.',
    ERR_TOR_PUBLISH: 'Die Adresse ließ sich im Tor-Netz nicht veröffentlichen.',
    ERR_TOR_SOCKS: 'Tor nimmt keine Verbindungen an.',
    ERR_ONION_ADDRESS: 'Das ist keine gültige Onion-Adresse.',
    ERR_ONION_NOT_FOUND:
      'Diese Adresse gibt es im Tor-Netz zurzeit nicht. Fragen Sie den Absender, ob er noch wartet; seine Adresse gilt nur so lange.',
    ERR_ONION_UNREACHABLE:
      'Diese Adresse ist nicht zu erreichen. Fragen Sie den Absender, ob er noch wartet; seine Adresse gilt nur so lange.',
    ERR_ONION_CLIENT_AUTH:
      'Diese Adresse ist privat, und der Schlüssel dafür fehlt. Bitten Sie den Absender um die ganze Einladung.',
    ERR_PAKE: 'Beim Prüfen des Passworts ist etwas schiefgegangen. Versuchen Sie es noch einmal.',
    ERR_CURVE:
      'Der Absender verwendet eine andere Kurve als Ihre Einladung. Bitten Sie ihn um die ganze Einladung.',
    ERR_RELAY: 'Die Adresse antwortet nicht so, wie onionferry es erwartet.',
    ERR_RELAY_BUSY:
      'Die Gegenstelle ist gerade überlastet. Versuchen Sie es in einer Minute noch einmal.',
    ERR_WEB: 'Die Seiten lassen sich auf diesem Computer nicht bereitstellen.',
    ERR_CHANNEL_TAKEN: 'Dieses Passwort wird gerade schon verwendet. Beginnen Sie das Senden neu.',
    ERR_CHANNEL_MISSING:
      'Mit diesem Passwort sendet gerade niemand. Fragen Sie den Absender, ob er noch wartet.',
    ERR_CHANNEL_FULL:
      'Jemand anderes empfängt das gerade. Bitten Sie den Absender, es noch einmal zu senden.',
    ERR_CHANNEL_CLOSED:
      'Das Angebot ist beendet. Bitten Sie den Absender, es noch einmal zu senden.',
    ERR_ATTEMPT_ENDED: 'Dieser Versuch ist beendet. Versuchen Sie es noch einmal.',
    ERR_PEER_GONE:
      'Die Gegenseite hat die Verbindung beendet, bevor die Übertragung abgeschlossen war. Bitten Sie sie, neu zu beginnen.',
    ERR_TIMEOUT: 'Es hat zu lange gedauert. Versuchen Sie es noch einmal.',
    ERR_PROTOCOL:
      'Die beiden Seiten verstehen einander nicht. Aktualisieren Sie onionferry auf beiden Seiten.',
    ERR_STREAM:
      'Die Daten wurden unterwegs verändert. Was verändert war, wurde nicht gespeichert. Versuchen Sie es noch einmal.',
    ERR_SOURCE: 'Etwas von dem, was gesendet werden soll, lässt sich nicht lesen.',
    ERR_SOURCE_CHANGED:
      'Eine Datei hat sich geändert, während sie gesendet wurde. Senden Sie sie noch einmal.',
    ERR_DESTINATION: 'In den Ordner lässt sich nicht schreiben.',
    ERR_DISK_FULL: 'Es ist nicht genug Platz auf dem Datenträger. Schaffen Sie Platz.',
    ERR_DATA_DIRECTORY:
      'Der Ordner, in dem onionferry seine Daten hat, lässt sich nicht verwenden.',
    ERR_CONFLICT: 'Eine Datei mit diesem Namen gibt es schon.',
    ERR_HOSTILE_NAME:
      'Ein Dateiname könnte Ihrem Computer schaden. Es wurde nichts gespeichert. Seien Sie vorsichtig mit diesem Absender.',
    ERR_REFUSED: 'Die Übertragung wurde abgelehnt.',
    ERR_UNVERIFIED:
      'Die beiden Seiten haben verschiedene Sätze gesehen: Jemand, der das Passwort kennt, könnte sich dazwischengeschaltet haben. Verwenden Sie ein neues Passwort, und geben Sie es auf einem anderen Weg weiter.',
    ERR_TOO_LARGE: 'Das ist zu groß.',
    ERR_SUSPENDED: 'Unterbrochen. Was angekommen ist, bleibt erhalten.',
    ERR_INTERRUPTED: 'Abgebrochen.',
    ERR_INTERNAL: 'In onionferry ist ein Fehler aufgetreten.',
  },
  torHint: 'Woran es liegt, zeigt im Terminal der Befehl: onionferry tor doctor',
  known: {
    'the sender has not answered yet': 'Der Absender hat noch nicht geantwortet.',
    'the address does not answer yet': 'Die Adresse antwortet noch nicht.',
    'the sender is not ready yet': 'Der Absender ist noch nicht bereit.',
    'the connection to the sender is lost':
      'Die Verbindung zum Absender ist verloren. Sie wird wiederhergestellt.',
    'the sender is away': 'Der Absender ist nicht da. onionferry versucht es weiter.',
    'the sender cannot be reached':
      'Der Absender ist nicht zu erreichen. onionferry versucht es weiter.',
    'the sender’s address asks for another password':
      'Die Adresse des Absenders verlangt ein anderes Passwort. onionferry versucht es weiter.',
    'the recipient is away': 'Der Empfänger ist nicht da. Es wird auf ihn gewartet.',
    'the recipient has gone without an answer':
      'Der Empfänger hat die Verbindung ohne Antwort beendet. Es wird auf ihn gewartet.',
    'the sender was interrupted and may come back':
      'Der Absender wurde unterbrochen. Es wird auf ihn gewartet.',
    'the recipient was interrupted and may come back':
      'Der Empfänger wurde unterbrochen. Es wird auf ihn gewartet.',
    'the disk on the sender’s side is full; it may come back with more room':
      'Der Datenträger des Absenders ist voll. Es wird gewartet, bis dort wieder Platz ist.',
    'the disk on the recipient’s side is full; it may come back with more room':
      'Der Datenträger des Empfängers ist voll. Es wird gewartet, bis dort wieder Platz ist.',
    'the sender cannot write to its disk now; it may come back':
      'Der Absender kann gerade nicht schreiben. Es wird auf ihn gewartet.',
    'the recipient cannot write to its disk now; it may come back':
      'Der Empfänger kann gerade nicht schreiben. Es wird auf ihn gewartet.',
    'the network is away': 'Es gibt keine Verbindung zum Netz.',
    'tor has ended and is being restarted': 'Tor hat sich beendet und wird neu gestartet.',
    'the running tor has gone; waiting for it to come back':
      'Das laufende Tor ist nicht mehr da. Es wird darauf gewartet.',
    'the other side cancelled the transfer': 'Die Gegenseite hat die Übertragung abgebrochen.',
    'the recipient declined the offer': 'Der Empfänger hat das Angebot abgelehnt.',
    'the sender could not read what it had offered':
      'Der Absender konnte nicht lesen, was er angeboten hatte.',
    'the recipient’s disk is full': 'Der Datenträger des Empfängers ist voll.',
    'the recipient could not write the files': 'Der Empfänger konnte die Dateien nicht speichern.',
    'the recipient refused a file name in the offer as unsafe':
      'Der Empfänger hat einen Dateinamen im Angebot als unsicher abgelehnt.',
    'the other side failed': 'Auf der Gegenseite ist ein Fehler aufgetreten.',
    'the sender has waited too long for an answer; receive again to see the offer once more':
      'Der Absender hat zu lange auf eine Antwort gewartet. Empfangen Sie noch einmal, um das Angebot wieder zu sehen.',
    '{} exists already and was left as it is': '{1} gibt es schon; es wurde nicht verändert.',
    '{} cannot have that name here: it is {}': '{1} kann hier nicht so heißen und heißt jetzt {2}.',
    '{} left out by the sender: {}': 'Der Absender hat etwas weggelassen: {2}',
    '{} left out: {}': 'Etwas wird weggelassen: {2}',
    '{} is offered as "{}": there is another {}':
      '{1} wird als „{2}“ angeboten: Es gibt noch ein anderes {3}.',
    'if this transfer is interrupted, it may not be possible to resume it':
      'Wird diese Übertragung unterbrochen, lässt sie sich vielleicht nicht fortsetzen.',
    'everything was received, but if the sender is lost now it may not learn that':
      'Alles wurde empfangen. Geht die Verbindung jetzt verloren, erfährt der Absender das vielleicht nicht.',
    'there is no interrupted transfer into this folder; use its invitation':
      'In diesen Ordner gibt es keine unterbrochene Übertragung. Verwenden Sie die Einladung.',
    'there is no interrupted transfer to resume; send the files again':
      'Es gibt keine unterbrochene Übertragung mehr. Senden Sie die Dateien noch einmal.',
  },
};
