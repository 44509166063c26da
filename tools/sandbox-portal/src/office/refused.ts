/** Thrown for what the office does not do; the sentence says why and changes nothing. */
export class OfficeRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OfficeRefused';
  }
}
