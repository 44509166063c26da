/** What a file handed over as certificate or key turns out to be. */
export type Forma = 'vacio' | 'pem' | 'pkcs12' | 'llave' | 'texto' | 'der' | 'otro';

/** OID arc of password-based encryption (PKCS #5), right at the start of an encrypted PKCS #8 key. */
const PKCS5 = Buffer.from([0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05]);
/** INTEGER 3 and a SEQUENCE: the version of a PKCS #12 file (RFC 7292). */
const PKCS12 = Buffer.from([0x02, 0x01, 0x03, 0x30]);
/** INTEGER 0: the version of a private key in the clear, PKCS #8 or PKCS #1. */
const PLAIN_KEY = Buffer.from([0x02, 0x01, 0x00]);
const SEQUENCE = 0x30;

/** Tells the form of a file by its first bytes; what is inside is for the parsers to say. */
export function formaDe(file: Uint8Array): Forma {
  const bytes = Buffer.from(file);
  if (bytes.length === 0) return 'vacio';
  if (bytes.subarray(0, 2_000).includes('-----BEGIN ')) return 'pem';
  if (bytes[0] !== SEQUENCE) return isText(bytes) ? 'texto' : 'otro';
  if (bytes.subarray(0, 12).includes(PKCS12)) return 'pkcs12';
  if (isEncryptedKey(bytes) || bytes.subarray(2, 8).includes(PLAIN_KEY)) return 'llave';
  return 'der';
}

/** Whether the bytes are a private key behind a password, as the tax authority hands them out. */
export function isEncryptedKey(der: Uint8Array): boolean {
  return Buffer.from(der.subarray(0, 40)).includes(PKCS5);
}

/** Whether the file ends before its outermost SEQUENCE says that it does. */
export function isCut(der: Uint8Array): boolean {
  const bytes = Buffer.from(der);
  const first = bytes[1] ?? 0;
  if (bytes[0] !== SEQUENCE || first === 0x80 || first > 0x84) return false;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  if (bytes.length < 2 + octets) return true;
  const length = octets === 0 ? first : bytes.readUIntBE(2, octets);
  return bytes.length < 2 + octets + length;
}

/** PBKDF2 (1.2.840.113549.1.5.12), a SEQUENCE and the salt's OCTET STRING: what precedes the number of rounds. */
const PBKDF2 = Buffer.from([0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c, 0x30]);
/** The tax authority's keys have 2,048; a file may ask for so many that opening it would take hours. */
const MOST_ROUNDS = 5_000_000;

/** Whether opening the key would take longer than any real one does. */
export function isEndless(der: Uint8Array): boolean {
  const bytes = Buffer.from(der);
  const salt = bytes.indexOf(PBKDF2) + PBKDF2.length + 1;
  if (salt <= PBKDF2.length || bytes[salt] !== 0x04) return false;
  const rounds = salt + 2 + (bytes[salt + 1] ?? 0);
  const length = bytes[rounds + 1] ?? 0;
  if (bytes[rounds] !== 0x02 || rounds + 2 + length > bytes.length) return false;
  return length > 6 || (length > 0 && bytes.readUIntBE(rounds + 2, length) > MOST_ROUNDS);
}

/** No control characters but tab and line ends. */
function isText(bytes: Buffer): boolean {
  return bytes.subarray(0, 4_000).every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

/** Why the file is no certificate, and what to do: Spanish, for the owner. */
export const NO_ES_CERTIFICADO: Readonly<Record<Forma, string>> = {
  vacio: 'El archivo .cer está vacío. Descárguelo de nuevo del SAT (CertiSAT Web).',
  pem: 'El archivo .cer está en formato PEM (texto) y debe ser DER. Use el .cer original del SAT, o conviértalo con: openssl x509 -in archivo.cer -outform DER -out nuevo.cer',
  pkcs12:
    'El archivo .cer es un PKCS#12 (.pfx o .p12). Use los dos archivos que entregó el SAT: el certificado .cer y la llave .key.',
  llave:
    'El archivo dado como certificado es una llave privada. Revise el orden: el certificado termina en .cer y la llave en .key.',
  texto: 'El archivo .cer es un texto y no un certificado. Elija el archivo .cer que descargó del SAT.',
  der: 'El archivo .cer no es un certificado, o está dañado. Descárguelo de nuevo del SAT (CertiSAT Web).',
  otro: 'El archivo .cer no es un certificado. Elija el archivo .cer que descargó del SAT.',
};

/** Why the file is no private key, and what to do: Spanish, for the owner. */
export const NO_ES_LLAVE: Readonly<Record<Forma, string>> = {
  vacio: 'El archivo .key está vacío. Busque el archivo .key que generó al pedir el CSD; el SAT no guarda copia.',
  pem: 'El archivo .key está en formato PEM (texto) y debe ser DER. Use el .key original que generó Certifica, sin convertir.',
  pkcs12:
    'El archivo .key es un PKCS#12 (.pfx o .p12). Use los dos archivos que generó Certifica y entregó el SAT: .key y .cer.',
  llave: 'El archivo .key no es una llave privada del SAT, o está dañado. Use el .key original que generó Certifica.',
  texto: 'El archivo .key es un texto y no una llave privada. Elija el archivo .key que generó al pedir el CSD.',
  der: 'El archivo .key no es una llave privada del SAT. Revise el orden: la llave termina en .key y el certificado en .cer.',
  otro: 'El archivo .key no es una llave privada del SAT. Elija el archivo .key que generó al pedir el CSD.',
};
