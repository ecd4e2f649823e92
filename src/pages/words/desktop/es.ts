import { formatsFor } from '../formats.js';
import type { Translated } from '../translated.js';
import type { en } from './en.js';

const { bytes: sizeOf, count: countOf, number, rate: rateOf, seconds: timeOf } = formatsFor('es');

const filesText = (count: number): string => countOf(count, 'archivo', 'archivos');

export const es: Translated<typeof en> = {
  language: 'es',
  title: 'En este equipo',
  footer: 'Esta página viene de onionferry, en este equipo, y no carga nada de otros sitios.',
  needsScripts: 'Esta página necesita JavaScript.',
  enter: {
    title: 'onionferry',
    opening: 'Abriendo…',
    refusedTitle: 'Este enlace no abre onionferry',
    refused:
      'Solo sirve una vez. Si ya lo abriste, usa aquella ventana. Si no fuiste tú, puede que lo abriera otra persona en este equipo: cierra onionferry y vuelve a iniciarlo.',
    missing: 'Abre la dirección que onionferry mostró al iniciarse, o inícialo de nuevo.',
  },
  refused: {
    title: 'No permitido',
    sentence: 'Esto solo lo puede hacer la ventana del navegador que abrió onionferry.',
  },
  refusals: {
    listFull: 'La lista está llena. Quita lo que ya ha terminado.',
    nothingChosen: 'No has elegido nada.',
    allOfHome: 'Elige algo de tu carpeta personal, no toda la carpeta.',
    missing: (name) => `No existe ese archivo o esa carpeta: ${name}`,
    notOffered: 'El remitente ya no lo ofrece.',
    notInterrupted: 'Esta transferencia ya no se puede continuar.',
    drops: 'Has soltado aquí demasiadas cosas sin usarlas. Cierra onionferry y vuelve a iniciarlo.',
    dropGone: 'Lo que soltaste ya no está. Suéltalo de nuevo.',
    dropName: (name) => `«${name}» tiene un nombre que no se puede conservar. Cámbiaselo.`,
    dropChanged: (name) =>
      `«${name}» ha cambiado mientras se copiaba. Quítalo de aquí y suéltalo de nuevo.`,
    addressAlone: 'Es una dirección sin su contraseña. Pega la invitación completa.',
    unlisted: (word, nearest) => {
      const meant = new Intl.ListFormat('es', { type: 'disjunction' }).format(nearest);
      return nearest.length === 0
        ? `«${word}» no está en la lista de palabras.`
        : `«${word}» no está en la lista de palabras. ¿Querías decir ${meant}?`;
    },
  },
  tor: {
    connecting: 'Conectando con Tor. Puede tardar un minuto, y más la primera vez.',
    connected: 'Conectado a Tor.',
    failed: 'No hay conexión con Tor',
    again: 'Intentarlo de nuevo',
  },
  quit: 'Cerrar onionferry',
  quitHint:
    'Termina todo lo que hay en esta página. Las transferencias se pueden continuar después, salvo las de archivos soltados aquí.',
  ended: {
    title: 'onionferry se ha cerrado',
    sentence: 'Puedes cerrar esta ventana. Para seguir, inicia onionferry de nuevo.',
    gone: 'onionferry ya no responde. Inícialo de nuevo.',
  },
  verbs: {
    send: {
      name: 'Enviar',
      title: 'Enviar archivos o un texto',
      lead: 'Los recibe una persona, con onionferry o con Tor Browser. Obtienes una invitación para pasársela.',
      start: 'Enviar',
    },
    receive: {
      name: 'Recibir',
      title: 'Recibir',
      lead: 'Pega la invitación que te dio el remitente. Ves lo que se ofrece antes de que se guarde nada.',
      start: 'Recibir',
    },
    share: {
      name: 'Compartir',
      title: 'Compartir para descargar',
      lead: 'Quien tenga la dirección y la contraseña puede descargar, con Tor Browser o con onionferry, hasta que lo detengas.',
      start: 'Compartir',
    },
    inbox: {
      name: 'Buzón',
      title: 'Recibir archivos en un buzón',
      lead: 'Quien tenga la dirección y la contraseña puede subir archivos a una carpeta tuya con Tor Browser, hasta que lo detengas.',
      start: 'Abrir el buzón',
    },
    site: {
      name: 'Sitio web',
      title: 'Publicar un sitio web',
      lead: 'Quien tenga la dirección y la contraseña puede ver las páginas de una carpeta con Tor Browser, hasta que lo detengas.',
      start: 'Publicar el sitio',
    },
  },
  nav: 'Qué quieres hacer',
  what: {
    chosen: 'Elegido',
    none: 'Aún no has elegido nada.',
    add: 'Elegir archivos o carpetas',
    remove: (name) => `Quitar ${name}`,
    removeShort: 'Quitar',
    drop: 'También puedes soltar aquí archivos y carpetas. Se copian en una carpeta privada, que se borra al terminar la tarea.',
    droppedFile: (bytes) => sizeOf(bytes),
    droppedFolder: (files, bytes) =>
      files === 0 ? 'carpeta, sin archivos' : `carpeta, ${filesText(files)}, ${sizeOf(bytes)}`,
    reading: 'Leyendo lo que has soltado…',
    unreadable: (name) =>
      `No se puede leer «${name}». Puede que se haya movido, cambiado o borrado. Suéltalo de nuevo, o déjalo fuera.`,
    uploading: (bytes, total) =>
      `Copiando: ${sizeOf(bytes)} de ${sizeOf(total)}. Deja esta página abierta.`,
    cancel: 'Cancelar',
    cancelled: 'La copia se ha cancelado.',
    keep: 'Permitir que lo reciba cualquier número de personas, hasta que lo detenga',
    text: 'O un texto',
    textHint: 'El destinatario lo ve; no se guarda nada.',
    nothing: 'Elige un archivo o una carpeta, suéltalos aquí o escribe un texto.',
    nothingToShare: 'Elige un archivo o una carpeta, o suéltalos aquí.',
    both: 'Envía archivos o un texto, pero no las dos cosas.',
  },
  aText: 'un texto',
  andMore: (name, more) => `${name} y ${number(more)} más`,
  invitation: 'Invitación',
  invitationHint:
    'Un enlace como http://….onion/#palabra-palabra-palabra. No importa que tenga comillas o texto alrededor.',
  noInvitation: 'Pega antes la invitación.',
  noFolder: 'Elige antes una carpeta.',
  anyway: 'Recibir con estas palabras',
  folderOf: { receive: 'Guardar en', inbox: 'Carpeta del buzón', site: 'Carpeta del sitio' },
  choose: 'Elegir una carpeta',
  chooseOther: 'Elegir otra carpeta',
  home: 'Carpeta personal',
  chooser: {
    titleFiles: 'Elegir archivos y carpetas',
    titleFolder: 'Elegir una carpeta',
    take: 'Añadir',
    takeName: (name) => `Añadir ${name}`,
    takeThis: 'Usar esta carpeta',
    close: 'Cerrar',
    hidden: 'Mostrar los archivos ocultos',
    empty: 'Esta carpeta está vacía.',
    more: (count) => `y ${countOf(count, 'elemento más', 'elementos más')}`,
    loading: 'Cargando…',
    path: 'Dónde estás',
    list: 'Archivos y carpetas',
    size: (bytes) => sizeOf(bytes),
  },
  interrupted: {
    title: 'Interrumpidas',
    lead: 'Estas transferencias terminaron antes de completarse. Continúan donde se quedaron, si la otra parte sigue ahí.',
    receive: (folder) => `Recibir en ${folder}`,
    send: (what) => `Enviar ${what}`,
    since: (when) =>
      `Iniciada el ${when.toLocaleString('es', { dateStyle: 'medium', timeStyle: 'short' })}`,
    recipients: (count) => `A ${number(count)} destinatarios`,
    go: 'Continuar',
    goName: (what) => `Continuar: ${what}`,
    discard: 'Descartar',
    discardName: (what) => `Descartar: ${what}`,
  },
  tasks: {
    title: 'En marcha',
    none: 'No hay nada en marcha.',
    stop: 'Detener',
    stopTransfer: 'Detener y descartar',
    stopName: (stop, verb, about) => `${stop}: ${verb}, ${about}`,
    forget: 'Quitar de la lista',
    forgetName: (forget, verb, about) => `${forget}: ${verb}, ${about}`,
    address: 'Dirección',
    user: 'Nombre de usuario',
    password: 'Contraseña',
    invitation: 'Invitación',
    copy: 'Copiar',
    copyWhat: (what) => `Copiar: ${what}`,
    copied: 'Copiado.',
    qrOf: (what) => `Código QR: ${what}`,
    withFerry: 'Con onionferry: la otra persona pega esta invitación.',
    withBrowser:
      'Con Tor Browser: la otra persona abre esta dirección e introduce el nombre de usuario y la contraseña.',
    progress: 'Progreso',
    ofRecipient: (recipient) => `Destinatario ${number(recipient)}`,
    progressText: (bytes, total, rate, left, circuits) =>
      [
        total === null ? sizeOf(bytes) : `${sizeOf(bytes)} de ${sizeOf(total)}`,
        rateOf(rate),
        ...(left === null ? [] : [`quedan ${timeOf(left)}`]),
        ...(circuits > 1 ? [countOf(circuits, 'circuito', 'circuitos')] : []),
      ].join(', '),
    offer: (files, bytes) =>
      `El remitente ofrece ${filesText(files)}, ${bytes === null ? 'de tamaño desconocido' : sizeOf(bytes)}:`,
    offerText: 'El remitente ofrece un texto.',
    offerMore: (count) => `y ${number(count)} más`,
    accept: 'Aceptar',
    decline: 'Rechazar',
    text: 'El texto',
    warning: 'Aviso',
    failed: 'Esto ha fallado',
    inEnglish: 'En detalle, en inglés:',
    files: {
      send: 'Enviado:',
      receive: 'Guardado:',
      share: 'Descargado, lo último primero:',
      inbox: 'Recibido, lo último primero:',
      site: 'Descargado, lo último primero:',
    },
    file: (path, bytes) => `${path} (${sizeOf(bytes)})`,
    stages: {
      running: 'En marcha',
      asking: 'Falta tu respuesta',
      ending: 'Deteniéndose',
      done: 'Terminado',
      failed: 'Ha fallado',
      stopped: 'Detenido',
    },
  },
  status: {
    waitingForTor: 'Esperando a Tor.',
    starting: 'Iniciando.',
    publishing: 'Publicando la dirección. Ya puedes pasarla.',
    waitingForRecipient: 'Esperando al destinatario.',
    waitingForVisitors: 'Esperando visitas.',
    asked: 'Mira lo que se ofrece y acéptalo o recházalo.',
    running: 'La transferencia está en marcha.',
    resuming: 'Continuando una transferencia interrumpida.',
    waiting: 'Esperando a la otra parte.',
    stopping: 'Deteniéndose.',
    stopped: 'Detenido.',
    suspended: 'Interrumpida. Lo que ha llegado se conserva.',
    declined: 'Has rechazado la oferta.',
    ended: 'Terminado.',
    sent: (files, bytes, seconds) =>
      `Enviado: ${filesText(files)}, ${sizeOf(bytes)} en ${timeOf(seconds)}.`,
    received: (files, bytes, seconds) =>
      `Recibido: ${filesText(files)}, ${sizeOf(bytes)} en ${timeOf(seconds)}.`,
    receivedText: 'Se ha recibido un texto.',
    peers: {
      joined: 'La otra parte se ha conectado.',
      authenticated: 'Las dos partes conocen la contraseña.',
      rejected: 'Se ha rechazado a alguien con una contraseña incorrecta.',
      left: 'La otra parte se ha desconectado.',
    },
  },
};
