import type { ProgramSentences } from './program-sentences.js';

export const es: ProgramSentences = {
  byCode: {
    ERR_USAGE: 'No se puede iniciar así.',
    ERR_INVITATION: 'Esta invitación no sirve. Pégala completa, tal como te la dieron.',
    ERR_INVITATION_IN_ARGV:
      'La invitación estaba en la línea de órdenes, donde otros pueden verla. Pide una nueva al remitente.',
    ERR_PASSWORD_FORM: 'Esta contraseña no tiene la forma correcta.',
    ERR_PASSWORD_WEAK: 'Esta contraseña es demasiado fácil de adivinar.',
    ERR_PASSWORD:
      'La contraseña es incorrecta. Comprueba la invitación con el remitente, que sigue esperando.',
    ERR_KEY: 'Una clave no se puede usar.',
    ERR_KEY_MISSING: 'Falta una clave.',
    ERR_IDENTITY_BUSY: 'Otro onionferry ya usa esta dirección.',
    ERR_TOR_MISSING: 'En este equipo no hay un Tor que se pueda usar.',
    ERR_TOR_TOO_OLD: 'El Tor instalado es demasiado antiguo.',
    ERR_TOR_INSTALL: 'No se ha podido instalar Tor.',
    ERR_TOR_TRANSPORT: 'El programa con el que Tor llega a un puente no se puede usar.',
    ERR_TOR_START: 'No se puede iniciar Tor.',
    ERR_TOR_BOOTSTRAP: 'Tor no ha podido conectarse a su red. Comprueba tu conexión a Internet.',
    ERR_TOR_DIED: 'Tor se ha cerrado de forma inesperada.',
    ERR_TOR_CONTROL: 'No se puede controlar Tor.',
    ERR_TOR_PUBLISH: 'No se ha podido publicar la dirección en la red Tor.',
    ERR_TOR_SOCKS: 'Tor no acepta conexiones.',
    ERR_ONION_ADDRESS: 'No es una dirección onion válida.',
    ERR_ONION_NOT_FOUND:
      'Esta dirección no existe ahora en la red Tor. Pregunta al remitente si sigue esperando; su dirección solo existe mientras espera.',
    ERR_ONION_UNREACHABLE:
      'No se puede llegar a esta dirección. Pregunta al remitente si sigue esperando; su dirección solo existe mientras espera.',
    ERR_ONION_CLIENT_AUTH:
      'Esta dirección es privada y falta su clave. Pide al remitente la invitación completa.',
    ERR_PAKE: 'Algo ha fallado al comprobar la contraseña. Inténtalo de nuevo.',
    ERR_CURVE:
      'El remitente usa una curva distinta de la de tu invitación. Pídele la invitación completa.',
    ERR_RELAY: 'La dirección no responde como onionferry espera.',
    ERR_RELAY_BUSY: 'La otra parte está ahora demasiado ocupada. Inténtalo de nuevo en un minuto.',
    ERR_WEB: 'No se pueden servir las páginas en este equipo.',
    ERR_CHANNEL_TAKEN: 'Esta contraseña ya se está usando. Envíalo de nuevo.',
    ERR_CHANNEL_MISSING:
      'Nadie está enviando ahora con esta contraseña. Pregunta al remitente si sigue esperando.',
    ERR_CHANNEL_FULL:
      'Otra persona ya lo está recibiendo. Pide al remitente que lo envíe de nuevo.',
    ERR_CHANNEL_CLOSED: 'La oferta ha terminado. Pide al remitente que lo envíe de nuevo.',
    ERR_ATTEMPT_ENDED: 'Este intento ha terminado. Inténtalo de nuevo.',
    ERR_PEER_GONE:
      'La otra parte se desconectó antes de que la transferencia se completara. Pídele que empiece de nuevo.',
    ERR_TIMEOUT: 'Ha tardado demasiado. Inténtalo de nuevo.',
    ERR_PROTOCOL: 'Las dos partes no se entienden. Actualiza onionferry en los dos equipos.',
    ERR_STREAM:
      'Los datos se han alterado por el camino. No se ha guardado nada alterado. Inténtalo de nuevo.',
    ERR_SOURCE: 'No se puede leer algo de lo que se quiere enviar.',
    ERR_SOURCE_CHANGED: 'Un archivo ha cambiado mientras se enviaba. Envíalo de nuevo.',
    ERR_DESTINATION: 'No se puede escribir en la carpeta.',
    ERR_DISK_FULL: 'No hay espacio suficiente en el disco. Libera espacio.',
    ERR_DATA_DIRECTORY: 'No se puede usar la carpeta en la que onionferry tiene sus datos.',
    ERR_CONFLICT: 'Ya existe un archivo con ese nombre.',
    ERR_HOSTILE_NAME:
      'Un nombre de archivo podría dañar tu equipo. No se ha guardado nada. Ten cuidado con este remitente.',
    ERR_REFUSED: 'La transferencia se ha rechazado.',
    ERR_UNVERIFIED:
      'Las dos partes han visto frases distintas: alguien que conoce la contraseña podría estar en medio. Usa una contraseña nueva y pásala por otra vía.',
    ERR_TOO_LARGE: 'Es demasiado grande.',
    ERR_SUSPENDED: 'Interrumpida. Lo que ha llegado se conserva.',
    ERR_INTERRUPTED: 'Cancelada.',
    ERR_INTERNAL: 'Se ha producido un error en onionferry.',
  },
  torHint: 'Para saber qué falla, ejecuta en un terminal: onionferry tor doctor',
  known: {
    'the sender has not answered yet': 'El remitente aún no ha respondido.',
    'the address does not answer yet': 'La dirección aún no responde.',
    'the sender is not ready yet': 'El remitente aún no está listo.',
    'the connection to the sender is lost':
      'Se ha perdido la conexión con el remitente. Se está restableciendo.',
    'the sender is away': 'El remitente no está. Se sigue intentando.',
    'the sender cannot be reached': 'No se puede llegar al remitente. Se sigue intentando.',
    'the sender’s address asks for another password':
      'La dirección del remitente pide otra contraseña. Se sigue intentando.',
    'the recipient is away': 'El destinatario no está. Se le espera.',
    'the recipient has gone without an answer':
      'El destinatario se ha ido sin responder. Se le espera.',
    'the sender was interrupted and may come back':
      'El remitente tuvo que interrumpir el envío. Se le espera.',
    'the recipient was interrupted and may come back':
      'El destinatario tuvo que interrumpir la recepción. Se le espera.',
    'the disk on the sender’s side is full; it may come back with more room':
      'El disco del remitente está lleno. Se espera a que haya espacio.',
    'the disk on the recipient’s side is full; it may come back with more room':
      'El disco del destinatario está lleno. Se espera a que haya espacio.',
    'the sender cannot write to its disk now; it may come back':
      'El remitente no puede escribir ahora en su disco. Se le espera.',
    'the recipient cannot write to its disk now; it may come back':
      'El destinatario no puede escribir ahora en su disco. Se le espera.',
    'the network is away': 'No hay conexión con la red.',
    'tor has ended and is being restarted': 'Tor se ha cerrado y se está reiniciando.',
    'the running tor has gone; waiting for it to come back':
      'El Tor que estaba en marcha ya no está. Se espera a que vuelva.',
    'the other side cancelled the transfer': 'La otra parte ha cancelado la transferencia.',
    'the recipient declined the offer': 'El destinatario ha rechazado la oferta.',
    'the sender could not read what it had offered':
      'El remitente no ha podido leer lo que había ofrecido.',
    'the recipient’s disk is full': 'El disco del destinatario está lleno.',
    'the recipient could not write the files': 'El destinatario no ha podido guardar los archivos.',
    'the recipient refused a file name in the offer as unsafe':
      'El destinatario ha rechazado por inseguro un nombre de archivo de la oferta.',
    'the other side failed': 'Ha habido un fallo en la otra parte.',
    'the sender has waited too long for an answer; receive again to see the offer once more':
      'El remitente ha esperado demasiado una respuesta. Recibe de nuevo para volver a ver la oferta.',
    '{} exists already and was left as it is': '{1} ya existe; no se ha cambiado.',
    '{} cannot have that name here: it is {}':
      '{1} no puede llamarse así aquí y ahora se llama {2}.',
    '{} left out by the sender: {}': 'El remitente ha omitido algo: {2}',
    '{} left out: {}': 'Se omite algo: {2}',
    '{} is offered as "{}": there is another {}': '{1} se ofrece como «{2}»: hay otro {3}.',
    'if this transfer is interrupted, it may not be possible to resume it':
      'Si esta transferencia se interrumpe, puede que no se pueda continuar.',
    'everything was received, but if the sender is lost now it may not learn that':
      'Se ha recibido todo. Si ahora se pierde la conexión, puede que el remitente no se entere.',
    'there is no interrupted transfer into this folder; use its invitation':
      'No hay ninguna transferencia interrumpida en esta carpeta. Usa su invitación.',
    'there is no interrupted transfer to resume; send the files again':
      'Ya no hay ninguna transferencia interrumpida. Envía los archivos de nuevo.',
  },
};
