import { problems } from './problem.ts';

/** Errors at the edge, before any business rule is asked. */
export const HTTP_PROBLEMS = problems({
  'http.malformed': {
    title: 'Malformed request',
    status: 400,
    es: 'La solicitud no se entiende: revise que sea JSON válido y que los campos tengan el tipo correcto.',
    en: 'The request cannot be read: check that it is valid JSON and that the fields have the right type.',
  },
  'http.unauthorized': {
    title: 'Not signed in',
    status: 401,
    es: 'Inicie sesión o envíe un token vigente.',
    en: 'Sign in, or send a token that is valid.',
  },
  'http.forbidden': {
    title: 'Not allowed',
    status: 403,
    es: 'Su usuario no tiene permiso para esto. Pídalo a un administrador.',
    en: 'Your user may not do this. Ask an administrator.',
  },
  'http.not-found': {
    title: 'Not found',
    status: 404,
    es: 'No existe lo que busca.',
    en: 'There is nothing at this address.',
  },
  'http.method-not-allowed': {
    title: 'Method not allowed',
    status: 405,
    es: 'Esta dirección no acepta ese método.',
    en: 'This address does not take that method.',
  },
  'http.conflict': {
    title: 'Conflict with the present state',
    status: 409,
    es: 'El estado actual no permite esta acción. Actualice la página y vuelva a intentarlo.',
    en: 'The present state does not allow this. Reload and try again.',
  },
  'http.idempotency-conflict': {
    title: 'Same Idempotency-Key, other content',
    status: 409,
    es: 'Esa Idempotency-Key ya se usó con otro contenido. Use una clave nueva.',
    en: 'That Idempotency-Key was used with other content. Use a new key.',
  },
  'http.too-large': {
    title: 'Content too large',
    status: 413,
    es: 'El contenido es demasiado grande.',
    en: 'The content is too large.',
  },
  'http.unsupported-type': {
    title: 'Unsupported content type',
    status: 415,
    es: 'Envíe el contenido como application/json.',
    en: 'Send the content as application/json.',
  },
  'http.misdirected': {
    title: 'Unknown host name',
    status: 421,
    es: 'Esta dirección no está permitida. Agréguela a GATEWAY_ALLOWED_HOSTS.',
    en: 'This host name is not allowed. Add it to GATEWAY_ALLOWED_HOSTS.',
  },
  'http.unprocessable': {
    title: 'A value breaks a rule',
    status: 422,
    es: 'Un dato no cumple una regla. Corrija el campo indicado.',
    en: 'A value breaks a rule. Mend the field that is named.',
  },
  'http.too-many-requests': {
    title: 'Too many requests',
    status: 429,
    es: 'Demasiadas solicitudes. Espere un momento y vuelva a intentarlo.',
    en: 'Too many requests. Wait a moment and try again.',
  },
  'http.unavailable': {
    title: 'Temporarily unavailable',
    status: 503,
    es: 'El servicio no está disponible por el momento. Vuelva a intentarlo en unos segundos.',
    en: 'The service is away for the moment. Try again in a few seconds.',
  },
  'http.internal': {
    title: 'Unexpected error',
    status: 500,
    es: 'Ocurrió un error inesperado. Si se repite, avise a soporte con la hora y el número de seguimiento.',
    en: 'An unexpected error occurred. If it comes back, tell support the time and the trace number.',
  },
});
