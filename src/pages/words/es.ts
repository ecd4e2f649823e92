import type { en } from './en.js';
import { formatsFor } from './formats.js';
import type { Translated } from './translated.js';

const { bytes: sizeOf, count: countOf, number } = formatsFor('es');

const filesText = (count: number): string => countOf(count, 'archivo', 'archivos');
const entriesText = (count: number): string => countOf(count, 'elemento', 'elementos');

export const es: Translated<typeof en> = {
  language: 'es',
  brand: { name: 'onionferry' },
  layout: {
    skip: 'Ir al contenido principal',
    trail: 'Ruta de esta carpeta',
    footer: 'Servido a través de Tor. Esta página no carga nada de otros sitios web.',
  },
  errors: {
    'bad-request': {
      title: 'Solicitud no válida',
      sentence: 'El servidor no ha entendido esta solicitud. Vuelve atrás e inténtalo de nuevo.',
    },
    'not-found': {
      title: 'Página no encontrada',
      sentence: 'No hay nada en esta dirección. Quizá se haya movido o eliminado.',
    },
    'method-not-allowed': {
      title: 'No admitido',
      sentence: 'Esta página no admite ese tipo de solicitud.',
    },
    expired: {
      title: 'Ya no está disponible',
      sentence:
        'Esta dirección solo estuvo disponible durante un tiempo. Pide una nueva a la persona que te la dio.',
    },
    'limit-reached': {
      title: 'Límite de descargas alcanzado',
      sentence:
        'Estos archivos solo podían descargarse un número limitado de veces. Pide a la persona que te dio la dirección que los comparta de nuevo.',
    },
    'too-large': {
      title: 'Demasiado grande',
      sentence: 'Es más de lo que acepta el servidor. No se ha guardado nada.',
    },
    'archive-too-large': {
      title: 'Demasiado para un archivo ZIP',
      sentence:
        'Hay demasiados archivos y carpetas, o demasiados niveles. Vuelve atrás, abre una carpeta y descarga menos de una vez.',
    },
    internal: {
      title: 'Algo ha ido mal',
      sentence:
        'El problema está en el servidor, no en tu equipo. Inténtalo de nuevo o avisa a la persona que te dio la dirección.',
    },
    'downloads-at-once': {
      title: 'Demasiadas descargas a la vez',
      sentence:
        'Ya tienes en curso tantas descargas como permite este servidor a la vez. Inténtalo de nuevo cuando termine alguna.',
    },
    busy: {
      title: 'Demasiado ocupado',
      sentence: 'El servidor atiende demasiadas solicitudes. Inténtalo de nuevo en un minuto.',
    },
  },
  errorBack: 'Ir a la página de inicio',
  login: {
    title: 'Inicia sesión',
    user: 'Usuario',
    password: 'Contraseña',
    kinds: {
      transfer: {
        lead: 'Recarga esta página. Cuando el navegador pregunte, escribe lo que figura en la invitación que recibiste.',
        password:
          'todas las palabras después de # en el enlace de invitación, hasta el primer punto y coma si lo hay',
        hint: 'Un enlace de invitación tiene la forma http://….onion/#palabra-palabra-palabra-palabra-palabra-palabra.',
      },
      relay: {
        lead: 'Recarga esta página. Cuando el navegador pregunte, escribe los datos de acceso de este repetidor.',
        password:
          'la de este repetidor; en un enlace de invitación es lo que sigue a «relay=» (%20 es un espacio)',
        hint: 'No escribas aquí la contraseña de una transferencia. La página la pedirá cuando hayas iniciado sesión.',
      },
      given: {
        lead: 'Recarga esta página. Cuando el navegador pregunte, escribe el usuario y la contraseña que recibiste con esta dirección.',
      },
    },
  },
  files: {
    columns: { name: 'Nombre', size: 'Tamaño', time: 'Modificado (UTC)' },
    folder: 'Carpeta',
    preview: 'Ver',
    archive: 'Descargar como ZIP',
    count: (count, bytes) => `${filesText(count)}, ${sizeOf(bytes)}`,
  },
  pager: {
    earlier: 'Anterior',
    later: 'Siguiente',
    pageOf: (page, pages) => `Página ${number(page)} de ${number(pages)}`,
    jump: 'Ir a la página',
    jumpButton: 'Ir',
  },
  share: {
    title: 'Archivos compartidos',
    everything: 'Descargar todo',
    only: 'Descargar',
    everythingHint:
      '«Descargar todo» te da un archivo ZIP. Si se interrumpe, puedes reanudar la descarga.',
    tooMuchForZip: (entries, depth) =>
      `Es más de lo que cabe en un archivo ZIP, que admite hasta ${number(entries)} archivos y carpetas, y hasta ${number(depth)} niveles. Abre una carpeta para descargar menos de una vez.`,
    table: (folder) => `Archivos y carpetas en ${folder}`,
    empty: 'Esta carpeta está vacía.',
    many: entriesText,
    pages: 'Páginas de esta carpeta',
    search: 'Buscar en esta carpeta',
    searchButton: 'Buscar',
    searchEnd: 'Ver todo',
    found: (count, all) =>
      `${countOf(count, 'coincidencia', 'coincidencias')} entre ${entriesText(all)}`,
    notFound: (search) => `Ningún nombre de esta carpeta contiene «${search}».`,
    leftOut: (count) =>
      `${entriesText(count)} de esta carpeta no se ${count === 1 ? 'puede' : 'pueden'} descargar:`,
    leftOutBecause: {
      link: 'un enlace simbólico',
      special: 'una tubería, un socket o un dispositivo',
      unreadable: 'onionferry no puede leerlo',
      untold: 'su tamaño se desconoce',
      gone: 'ya no está',
    },
    leftOutMore: (count) => `y ${number(count)} más`,
  },
  site: {
    root: 'Todos los archivos',
  },
  relay: {
    trust:
      'Tienes que confiar en quien gestiona este repetidor: podría cambiar esta página para que revele lo que envías o recibes. El programa onionferry no tiene esta debilidad.',
    receive: {
      title: 'Recibir archivos',
      lead: 'Escribe la contraseña que te dio el remitente. Todo se descifra y se comprueba en esta página.',
      code: 'Contraseña',
      codeHint:
        'Cinco palabras o más, como palabra-palabra-palabra-palabra-palabra, o un enlace de invitación completo.',
      start: 'Recibir',
      other: 'Enviar archivos',
      offer: '¿Quieres recibir esto?',
      accept: 'Aceptar',
      decline: 'Rechazar',
      unknownSize: (limit) =>
        `Todavía no se conoce el tamaño total. Esta página puede recibir hasta ${sizeOf(limit)}.`,
      asZip: (name) => `Se guardará como un solo archivo, «${name}».`,
      linksLeftOut: 'Los enlaces simbólicos se omiten, porque un navegador no puede crearlos.',
      text: 'Texto',
      done: 'Transferencia completa',
      doneLead:
        'Todo se ha recibido y comprobado. Búscalo en la carpeta de descargas de tu navegador.',
      textLead: 'El texto se ha recibido y comprobado.',
      keepAgain: (name) => `Guardar «${name}» de nuevo`,
      keepText: 'Guardar como archivo',
      textName: 'texto.txt',
      caption: 'Archivos ofrecidos',
    },
    send: {
      title: 'Enviar archivos',
      lead: 'Elige archivos o una carpeta, o escribe un texto. Se cifra en esta página y solo sale de tu equipo cuando alguien con la contraseña lo recibe.',
      other: 'Recibir archivos',
      files: 'Archivos',
      folder: 'Carpeta',
      text: 'Texto',
      textHint: 'Solo se envía si no eliges archivos.',
      start: 'Crear invitación',
      waiting: 'Todo listo: da esta invitación al destinatario',
      invitation: 'Enlace de invitación',
      invitationHint: 'El enlace contiene la contraseña. Envíalo solo por una vía privada.',
      browserHint:
        'En Tor Browser, el enlace pide primero los datos de acceso: el usuario es «ferry», y la contraseña, la que usaste para entrar en este repetidor. Está en el enlace, después de «relay=».',
      code: 'Solo la contraseña',
      copy: 'Copiar el enlace',
      copied: 'Enlace copiado.',
      copyYourself:
        'Tu navegador no deja copiar a esta página. El enlace está seleccionado; cópialo tú.',
      patience: 'Deja esta página abierta. Está esperando a que se conecte el destinatario.',
      done: 'Transferencia completa',
      doneLead: 'El destinatario lo ha recibido y comprobado todo.',
      nothing: 'Elige archivos o una carpeta, o escribe un texto.',
      textName: 'texto.txt',
    },
    states: {
      looking: 'Buscando al remitente…',
      proving: 'Comprobando la contraseña…',
      waitingFor: (what) => `Esperando: ${what}.`,
      asked: 'Esperando tu decisión.',
      running: 'Transfiriendo…',
      checking: 'Guardando los archivos…',
      away: 'Conexión perdida. Reconectando…',
      preparing: 'Preparando…',
      joined: 'Alguien se ha conectado. Comprobando su contraseña…',
      rejected:
        'Alguien se ha conectado con una contraseña incorrecta. Se sigue esperando la correcta.',
      declining: 'Esperando a que el destinatario acepte…',
    },
    text: { title: 'Un texto para ti', download: 'Guardar como archivo' },
    stream: {
      title: 'Listo para recibir',
      lead: 'El remitente crea este contenido mientras lo envía. Solo puede enviarse una vez y no puede descargarse como un archivo. Recíbelo en esta página o con el programa onionferry.',
      receive: 'Recibir en esta página',
    },
    progressLabel: 'Progreso',
    progress: (bytes, total, rate, left) =>
      `${bytes}${total === undefined ? '' : ` de ${total}`}${rate === undefined ? '' : `, ${rate}`}${left === undefined ? '' : `, quedan ${left}`}`,
    cancel: 'Cancelar',
    again: 'Empezar de nuevo',
    failed: 'La transferencia ha fallado',
    cancelled: 'Transferencia cancelada',
    failures: {
      byCode: {
        ERR_PASSWORD:
          'La contraseña es incorrecta. Compruébala con el remitente y escríbela de nuevo.',
        ERR_STREAM:
          'Este repetidor, u otra cosa entre tú y la otra parte, ha alterado los datos por el camino. No se ha conservado nada.',
        ERR_CHANNEL_MISSING:
          'Nadie está enviando ahora con esta contraseña. Compruébala y pregunta al remitente si la transferencia sigue en marcha.',
        ERR_CHANNEL_FULL:
          'Otra persona ya lo está recibiendo. Pide al remitente que lo envíe de nuevo.',
        ERR_PEER_GONE:
          'La otra parte se ha ido antes de completar la transferencia. Pídele que empiece de nuevo.',
        ERR_RELAY: 'Esta dirección ya no responde. Inténtalo de nuevo en un minuto.',
        ERR_RELAY_BUSY: 'El repetidor está demasiado ocupado. Inténtalo de nuevo en un minuto.',
        ERR_REFUSED: 'La transferencia se ha rechazado. No se ha conservado nada.',
        ERR_HOSTILE_NAME:
          'Un nombre de archivo de esta transferencia podría dañar tu equipo. No se ha conservado nada. Ten cuidado con este remitente.',
        ERR_CURVE:
          'El remitente usa una curva distinta de la de tu invitación. Pídele el enlace de invitación completo.',
        ERR_INTERRUPTED: 'No se ha conservado nada.',
        ERR_SOURCE: 'Tu navegador no ha podido leer los archivos elegidos. Elígelos de nuevo.',
      },
      tooLarge:
        'La transferencia ha crecido más de lo que cabe en esta página. Usa el programa onionferry.',
      defect: 'Se ha producido un error inesperado. Recarga esta página e inténtalo de nuevo.',
    },
    tooLarge: (bytes, limit, files) =>
      `Esta transferencia ocupa ${sizeOf(bytes)}. Esta página lo guarda todo en memoria y puede recibir hasta ${sizeOf(limit)} o ${filesText(files)}.`,
    tooLargeOwn:
      'Para descargarla con cualquier tamaño, reinicia el navegador, abre de nuevo esta dirección y entra como «ferry» con la contraseña completa.',
    tooLargeShared:
      'Usa el programa onionferry con una contraseña nueva del remitente. O pídele que envíe sin repetidor; así podrás descargarla con cualquier navegador.',
    noScript: {
      title: 'Esta página necesita JavaScript',
      shared:
        'Descifra los archivos en tu navegador. Pon el nivel de seguridad de Tor Browser en «Más seguro» o «Estándar» y recarga, o usa el programa onionferry. Si el remitente envía sin repetidor, también puedes descargar sin JavaScript.',
      own: 'Descifra los archivos en tu navegador. Pon el nivel de seguridad de Tor Browser en «Más seguro» o «Estándar» y recarga. Para descargar sin JavaScript, reinicia el navegador, abre de nuevo esta dirección y entra como «ferry» con la contraseña completa.',
    },
  },
  verify: {
    title: 'Solo con el programa',
    lead: 'El remitente quiere comparar una frase contigo antes de enviar nada, y para eso necesitas el programa onionferry: onionferry receive --verify.',
  },
  parallel: {
    faster: 'Más rápido',
    everythingFaster: 'Descarga más rápida',
    lead: 'Esta página descarga por varios circuitos de Tor a la vez, que es más rápido que por uno. Lo guarda todo en memoria, lo comprueba y lo guarda en disco cuando está completo.',
    start: 'Empezar la descarga',
    plain: 'Descarga normal',
    progress: 'Descargando',
    cancel: 'Cancelar',
    connecting: 'Conectando…',
    circuits: (count) => `Por ${countOf(count, 'circuito', 'circuitos')}.`,
    waiting: 'Conexión perdida. Reconectando…',
    verifying: 'Comprobando…',
    done: 'Descarga completa',
    doneLead:
      'Todo ha llegado y se ha comprobado. Búscalo en la carpeta de descargas de tu navegador. Deja esta página abierta hasta que el archivo esté allí.',
    keepAgain: (name) => `Guardar «${name}» de nuevo`,
    failed: 'La descarga ha fallado',
    cancelled: 'Descarga cancelada',
    again: 'Intentar de nuevo',
    failures: {
      cancelled: 'No se ha guardado nada.',
      changed:
        'El archivo ha cambiado en la otra parte desde que empezó la descarga. Empieza de nuevo para obtener la versión nueva.',
      gone: 'El archivo ya no se puede descargar: se ha eliminado o se ha alcanzado el límite de descargas.',
      lost: 'No se ha podido contactar con la otra parte durante unos minutos. Lo que ha llegado se conserva mientras esta página esté abierta: inténtalo de nuevo y la descarga continuará.',
      damaged:
        'Lo que ha llegado no coincide con las sumas de verificación, ni al pedirlo otra vez. Usa la descarga normal.',
      memory: 'Tu navegador no tiene memoria suficiente para este archivo. Usa la descarga normal.',
    },
    tooLargeTitle: 'Demasiado grande para una descarga más rápida',
    tooLarge: (limit) =>
      `Tendría que caber en la memoria de tu navegador, y esta página admite hasta ${sizeOf(limit)}. Usa la descarga normal: sirve para cualquier tamaño y se puede reanudar.`,
    noScriptTitle: 'La descarga más rápida necesita JavaScript',
    noScript:
      'Usa la descarga normal, o pon el nivel de seguridad de Tor Browser en «Más seguro» o «Estándar» y recarga.',
  },
  inbox: {
    title: 'Enviar archivos',
    lead: 'Tus archivos viajan por Tor directamente al equipo de la persona que te dio esta dirección. Ningún servidor intermedio guarda una copia.',
    files: 'Archivos',
    filesHint: 'Elige todos los que quieras, o suéltalos aquí.',
    chosen: 'Archivos elegidos',
    remove: 'Quitar',
    folderDropped: {
      title: 'Aquí no se pueden soltar carpetas',
      sentence: 'Usa el campo «Carpeta» para enviar todo lo que hay en una carpeta.',
    },
    folder: 'Carpeta',
    folderHint: 'Envía todo lo que hay en la carpeta.',
    kindsAccepted: (kinds) => `Tipos de archivo aceptados: ${kinds.join(', ')}.`,
    kindsDenied: (kinds) => `Tipos de archivo no aceptados: ${kinds.join(', ')}.`,
    perFile: (bytes) => `Hasta ${sizeOf(bytes)} por archivo.`,
    perUpload: (bytes) => `Hasta ${sizeOf(bytes)} por envío.`,
    filesAtOnce: (count) => `Hasta ${filesText(count)} por envío.`,
    note: 'Nota',
    noteHint: 'Opcional. También puedes enviar una nota sin archivos.',
    submit: 'Enviar',
    patience: 'Deja esta página abierta hasta que confirme que todo ha llegado.',
    progress: 'Enviando',
    progressOf: (first, others) =>
      others === 0 ? `Enviando ${first}` : `Enviando ${first} y ${number(others)} más`,
    lastBytes: 'Todo está enviado. Esperando la confirmación…',
    cancel: 'Cancelar',
    cancelledTitle: 'Envío cancelado',
    cancelled: 'No se ha guardado nada. Los archivos que elegiste siguen seleccionados.',
    brokenTitle: 'Conexión perdida',
    broken: 'El envío se ha interrumpido y no se ha guardado nada. Envíalo de nuevo.',
    brokenKept:
      'El envío se ha interrumpido. Envía los mismos archivos de nuevo: los grandes continúan donde se quedaron.',
    continues:
      'Si esta página se cierra, ábrela de nuevo y elige los mismos archivos: los grandes continúan donde se quedaron.',
    received: {
      title: 'Envío completo',
      lead: (count, bytes) =>
        `Recibido y guardado: ${filesText(count)}, ${sizeOf(bytes)}. Puedes comparar las sumas SHA-256 con las de tus propios archivos.`,
      caption: 'Archivos recibidos',
      name: 'Nombre',
      size: 'Tamaño',
      sha256: 'SHA-256',
      more: (count) => `Y ${countOf(count, 'archivo más', 'archivos más')}.`,
      again: 'Enviar más archivos',
      receipt: (id) => `Recibo ${id}`,
    },
    closed: {
      title: 'El buzón está lleno',
      sentence: 'Ya no acepta envíos. Contacta con la persona que te dio la dirección.',
    },
    refused: {
      title: {
        'file-too-large': 'Archivo demasiado grande',
        'upload-too-large': 'Envío demasiado grande',
        'too-many-files': 'Demasiados archivos',
        'note-too-long': 'Nota demasiado larga',
        'kind-refused': 'Tipo de archivo no aceptado',
        'name-refused': 'Nombre de archivo no aceptado',
        'inbox-full': 'El buzón está lleno',
        'disk-full': 'No hay espacio suficiente',
        busy: 'Demasiado ocupado',
        'check-refused': 'Envío rechazado',
        'check-failed': 'No se ha podido comprobar',
        'foreign-page': 'Envío bloqueado',
        'broken-form': 'Envío incompleto',
        'empty-form': 'Nada que enviar',
      },
      'file-too-large': (name, limit) =>
        `«${name}» supera ${sizeOf(limit)}, el límite por archivo. No se ha guardado nada. Quítalo e inténtalo de nuevo.`,
      'upload-too-large': (limit) =>
        `Un envío puede tener hasta ${sizeOf(limit)}. No se ha guardado nada. Manda tus archivos en varios envíos.`,
      'too-many-files': (limit) =>
        `Un envío puede contener hasta ${filesText(limit)}, carpetas incluidas. No se ha guardado nada. Manda tus archivos en varios envíos.`,
      'note-too-long': (limit) =>
        `Una nota puede ocupar hasta ${sizeOf(limit)}. No se ha guardado nada. Envía un texto más largo como archivo.`,
      'kind-refused': (name) =>
        `El buzón no acepta archivos como «${name}». No se ha guardado nada. Quítalo e inténtalo de nuevo.`,
      'name-refused': (name) =>
        `«${name}» no sirve como nombre de archivo. No se ha guardado nada. Cambia el nombre del archivo y envíalo de nuevo.`,
      'inbox-full': 'El buzón no tiene sitio para este envío. No se ha guardado nada.',
      'disk-full':
        'El equipo que recibe no tiene suficiente espacio libre para este envío. No se ha guardado nada.',
      'check-refused':
        'El equipo que recibe ha comprobado este envío y lo ha rechazado. No se ha guardado nada. Contacta con la persona que te dio la dirección.',
      'check-failed':
        'El equipo que recibe no ha podido comprobar este envío. No se ha guardado nada. Inténtalo más tarde o contacta con la persona que te dio la dirección.',
      busy: 'Hay demasiados envíos en curso. No se ha guardado nada. Inténtalo de nuevo en un minuto.',
      'foreign-page':
        'Este envío no venía de esta página; otro sitio puede haber intentado enviarlo en tu nombre. No se ha guardado nada.',
      'broken-form':
        'El envío ha llegado dañado o cortado. No se ha guardado nada. Envíalo de nuevo.',
      'empty-form': 'Elige archivos o una carpeta, o escribe una nota.',
      back: 'Volver al formulario',
    },
  },
};
