/**
 * Errors of the object store. No message holds a key (a key may name a person: `cfdi/<rfc>/…`) or a secret; who needs
 * the key reads `key`, which no serializer shows because it is no own property.
 */
abstract class ObjectError extends Error {
  readonly #key: string;

  constructor(key: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.#key = key;
  }

  get key(): string {
    return this.#key;
  }
}

/** There is no object under the key. */
export class ObjectMissing extends ObjectError {
  readonly code = 'storage.missing';

  constructor(key: string, options?: ErrorOptions) {
    super(key, 'There is no such object in storage.', options);
    this.name = 'ObjectMissing';
  }
}

/** Other bytes stand under a key that must not change. */
export class ObjectDiffers extends ObjectError {
  readonly code = 'storage.differs';

  constructor(key: string, options?: ErrorOptions) {
    super(key, 'An object with other bytes is stored under this key already, and it must not change.', options);
    this.name = 'ObjectDiffers';
  }
}

/** The bytes under the key are not those that were stored: a failing disk, or a file that was changed by hand. */
export class ObjectDamaged extends ObjectError {
  readonly code = 'storage.damaged';

  constructor(key: string, options?: ErrorOptions) {
    super(
      key,
      'The stored bytes are not those that were put. Store them again or bring them back from a backup.',
      options,
    );
    this.name = 'ObjectDamaged';
  }
}

/** The body given to `put` does not have the announced SHA-256; nothing was stored. */
export class WrongChecksum extends ObjectError {
  readonly code = 'storage.wrong-checksum';

  constructor(key: string, options?: ErrorOptions) {
    super(key, 'The body does not have the SHA-256 that was announced; nothing was stored.', options);
    this.name = 'WrongChecksum';
  }
}

/** A key, metadata, body or limit that no driver could keep: a mistake of the caller. */
export class InvalidKey extends Error {
  readonly code = 'storage.invalid';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvalidKey';
  }
}

/** The store cannot be used now; trying again later may help without anybody's hand. */
export class StorageAway extends Error {
  readonly code = 'storage.away';
  readonly retryable = true;
  /** True when certainly nothing of the request reached the store: refused connection, unknown host, full disk. */
  readonly beforeFirstByte: boolean;

  constructor(message: string, options: ErrorOptions & { readonly beforeFirstByte: boolean }) {
    super(message, options);
    this.name = 'StorageAway';
    this.beforeFirstByte = options.beforeFirstByte;
  }
}

/** The store refuses us until a person mends something: credentials, bucket, rights on the directory. */
export class StorageRefused extends Error {
  readonly code = 'storage.refused';
  readonly retryable = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageRefused';
  }
}
