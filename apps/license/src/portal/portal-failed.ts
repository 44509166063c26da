/**
 * Why the portal gave nothing that could be looked at. `unreachable`: no byte left the house. `captive`: somebody on the
 * way answers in its place. All of them mean "not renewed", none of them lowers the mode.
 */
export type PortalFailure =
  'unset' | 'unreachable' | 'time-out' | 'interrupted' | 'captive' | 'status' | 'redirect' | 'type' | 'too-large';

const SENTENCES: Readonly<Record<PortalFailure, string>> = {
  unset: 'No hay dirección del portal de licencias (LICENSE_PORTAL_URL).',
  unreachable: 'No hay conexión con el portal de licencias.',
  'time-out': 'El portal de licencias no respondió en 30 segundos.',
  interrupted: 'La respuesta del portal de licencias se cortó.',
  captive: 'La red pide iniciar sesión en una página antes de dejar salir a Internet.',
  status: 'El portal de licencias respondió con un error.',
  redirect: 'El portal de licencias remitió a otra dirección; no se sigue.',
  type: 'El portal de licencias respondió algo que no es JSON.',
  'too-large': 'La respuesta del portal de licencias es demasiado grande.',
};

/** Failures that say that there is no way out, as without a line. */
const WITHOUT_LINE: ReadonlySet<PortalFailure> = new Set<PortalFailure>(['unreachable', 'captive']);

/** The portal could not be asked, or answered nothing of use. */
export class PortalFailed extends Error {
  override readonly name = 'PortalFailed';
  readonly kind: PortalFailure;
  /** For the owner. */
  readonly es: string;

  /** @param detail What there is to add in few words, for instance `status 500`; never a body. */
  constructor(kind: PortalFailure, detail = '', cause?: unknown) {
    super(`The licence portal gave no answer to go by: ${kind}${detail === '' ? '' : ` (${detail})`}.`, { cause });
    this.kind = kind;
    this.es = SENTENCES[kind];
  }

  /** True when it is as if there were no line. */
  get isLineAway(): boolean {
    return WITHOUT_LINE.has(this.kind);
  }
}
