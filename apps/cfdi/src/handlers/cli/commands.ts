import type { Command } from './command.ts';

const CSD = '--cer <f> --key <f> --password-file <f>';
const CSD_HELP = [
  '--cer             certificado .cer del SAT (DER)',
  '--key             llave privada .key del SAT (DER, con contraseña)',
  '--password-file   archivo con la contraseña de la llave; nunca se pide en la línea de comandos',
];
const HOUSE_HELP =
  'Usa DATABASE_URL y CFDI_KEY_ENCRYPTION_KEY; con el sistema encendido (npm run up) no hace falta ponerlas.';

/** Every command: the table of contents of the tool. What a command needs is loaded when it is called. */
export const COMMANDS: readonly Command[] = [
  {
    words: ['cadena'],
    takes: '[--tfd] <archivo.xml | ->…',
    does: 'Escribe la cadena original de un CFDI 4.0, o la de su timbre con --tfd.',
    help: [
      'De un archivo escribe los bytes exactos, sin salto de línea; de varios, una línea cada uno.',
      'Sale con 3 si el comprobante lleva un complemento cuya cadena aún no se conoce.',
      'Ejemplo: npm run --silent cfdi -- cadena factura.xml | sha256sum',
    ],
    load: async () => (await import('./cadena.command.ts')).cadena,
  },
  {
    words: ['seal'],
    takes: `<documento.json | comprobante.xml | -> [${CSD}] [--fecha AAAA-MM-DDThh:mm:ss] [--nombre <n>] [--regimen <r>]`,
    does: 'Sella un documento con un CSD y escribe el XML; sin CSD, con el del emisor de demostración.',
    help: [
      ...CSD_HELP,
      '--fecha           hora local del lugar de expedición; si falta, la de este momento',
      '--nombre          nombre del emisor; si falta, el del certificado sin el régimen de capital',
      '--regimen         régimen fiscal del emisor; si falta, 601 (moral) o 612 (física)',
      'Un XML sin sello se sella tal como está. Nada se guarda ni se envía.',
      'Ejemplo: npm run --silent cfdi -- seal venta.json > venta.xml',
    ],
    load: async () => (await import('./seal.command.ts')).seal,
  },
  {
    words: ['verify'],
    takes: '<archivo.xml | -> [--sat-cer <f>] [--xsd <carpeta>]',
    does: 'Comprueba sello, certificado, timbre y esquema de un CFDI; sale con 0, o con 1 y el motivo.',
    help: [
      'Certificado: es un CSD (no una e.firma), del RFC del emisor y vigente en la Fecha del comprobante.',
      'Timbre: su SelloCFD es el Sello del comprobante; con --sat-cer, además, el sello del SAT.',
      'Esquema (XSD): solo con los archivos del SAT (npm run sat-resources -- pull): los de --xsd o SAT_RESOURCES_DIR.',
      'Una addenda no se comprueba: no tiene esquema.',
    ],
    load: async () => (await import('./verify.command.ts')).verify,
  },
  {
    words: ['letra'],
    takes: '<importe> [moneda]',
    does: 'Escribe un importe con letra; la moneda es MXN si no se dice otra.',
    help: ['Ejemplo: npm run --silent cfdi -- letra 21.50   →   VEINTIÚN PESOS 50/100 M.N.'],
    load: async () => (await import('./letra.command.ts')).letraCommand,
  },
  {
    words: ['pdf'],
    takes: '<archivo.xml | -> <salida.pdf> [--idioma es|en] [--color #rrggbb]',
    does: 'Dibuja la representación impresa de un CFDI timbrado.',
    load: async () => (await import('./pdf.command.ts')).pdf,
  },
  {
    words: ['stamp'],
    takes: '<documento.json | -> [--out <archivo.xml>] [--wait <segundos>]',
    does: 'Entrega un documento al agente, espera el timbre del PAC configurado y escribe el UUID y dónde está el XML.',
    help: [
      '--out    guarda además el XML timbrado en ese archivo',
      '--wait   segundos que espera, 90 si no se dice; después sale con 4 y el comprobante sigue en cola',
      'El mismo externalId nunca se timbra dos veces: el comando se puede repetir.',
      'Uno rechazado se corrige repitiendo el comando con el archivo corregido y el mismo externalId.',
      HOUSE_HELP,
    ],
    load: async () => (await import('./stamp.command.ts')).stamp,
  },
  {
    words: ['pack'],
    takes: '<AAAA-MM> --rfc <rfc> [--out <archivo.zip>]',
    does: 'Guarda en un zip los XML y PDF de un mes de un emisor, con un índice CSV.',
    help: [
      '--out   escribe el zip en ese archivo; si falta, en el almacén: cfdi/<rfc>/<aaaa>/<aaaa-mm>.zip',
      'El agente lo hace solo el día 4 de cada mes; se puede repetir, por ejemplo tras una cancelación.',
      HOUSE_HELP,
    ],
    load: async () => (await import('./pack.command.ts')).pack,
  },
  {
    words: ['issuer', 'add'],
    takes: '--rfc <rfc> --nombre <nombre> --regimen <clave> [--zona America/…]',
    does: 'Registra un emisor, o cambia sus datos.',
    help: [
      '--nombre   como en la constancia de situación fiscal, sin SA DE CV',
      '--zona     zona horaria fija; si falta, la del código postal (póngala en la frontera norte)',
      HOUSE_HELP,
    ],
    load: async () => (await import('./issuer-add.command.ts')).addIssuer,
  },
  {
    words: ['issuer', 'list'],
    takes: '[--json]',
    does: 'Lista los emisores y sus certificados.',
    help: [HOUSE_HELP],
    load: async () => (await import('./issuer-list.command.ts')).listIssuers,
  },
  {
    words: ['issuer', 'style'],
    takes: '--rfc <rfc> [--logo <png o jpeg> | --sin-logo] [--color #rrggbb] [--idioma es|en]',
    does: 'Pone logotipo, color e idioma a los PDF de un emisor; lo que no se nombra se queda.',
    help: [HOUSE_HELP],
    load: async () => (await import('./issuer-style.command.ts')).styleIssuer,
  },
  {
    words: ['csd', 'add'],
    takes: `--rfc <rfc> ${CSD}`,
    does: 'Instala un certificado de sello digital; la llave se guarda cifrada, la contraseña no se guarda.',
    help: [...CSD_HELP, HOUSE_HELP],
    load: async () => (await import('./csd-add.command.ts')).addCsd,
  },
  {
    words: ['csd', 'check'],
    takes: '--cer <f> [--key <f> --password-file <f>] [--rfc <rfc>]',
    does: 'Dice qué es un certificado, cuánto le queda y si se puede sellar con él; no guarda nada.',
    help: [...CSD_HELP, '--rfc             comprueba además que sea de ese RFC'],
    load: async () => (await import('./csd-check.command.ts')).checkCsd,
  },
  {
    words: ['schemas', 'check'],
    takes: '<carpeta>',
    does: 'Dice si los esquemas (XSD) del SAT de una carpeta se pueden usar; lo llama sat-resources -- pull.',
    help: ['Los lee como el agente al encender, y comprueba con ellos comprobantes correctos.'],
    load: async () => (await import('./schemas-check.command.ts')).checkSchemas,
  },
  {
    words: ['restored'],
    takes: '[--at <hora>]',
    does: 'Avisa que se restauró un respaldo: nada anterior se sella hasta saber qué fue de ello.',
    help: [
      '--at   hora en que terminó la restauración; si falta, la de este momento',
      'Lo llama quien restaura, antes de encender los agentes; repetirlo busca otra vez.',
      HOUSE_HELP,
    ],
    load: async () => (await import('./restored.command.ts')).markRestored,
  },
  {
    words: ['release'],
    takes: '<id> | --todos',
    does: 'Libera un comprobante retenido después de restaurar, o todos: usted responde de que no se timbró antes.',
    help: ['Búsquelo antes en el portal de su PAC o del SAT.', HOUSE_HELP],
    load: async () => (await import('./restored.command.ts')).releaseRestored,
  },
];
