/** There is no object under the key. Code `storage.missing`. */
export class ObjectMissing extends Error {
  readonly code = 'storage.missing';
  readonly key: string;

  constructor(key: string, options?: ErrorOptions) {
    super(`There is no object ${key}.`, options);
    this.name = 'ObjectMissing';
    this.key = key;
  }
}

/** Other bytes stand under a key that must not change. Code `storage.differs`. */
export class ObjectDiffers extends Error {
  readonly code = 'storage.differs';
  readonly key: string;

  constructor(key: string, options?: ErrorOptions) {
    super(`Object ${key} is there already, with other bytes, and must not change.`, options);
    this.name = 'ObjectDiffers';
    this.key = key;
  }
}

/** The bytes under the key are not those that were stored: a damaged disk, or a file changed by hand. Code `storage.damaged`. */
export class ObjectDamaged extends Error {
  readonly code = 'storage.damaged';
  readonly key: string;

  /** @param fault completes the sentence "Object … ". */
  constructor(key: string, fault: string, options?: ErrorOptions) {
    super(`Object ${key} ${fault}. Bring it back from a backup or store it again.`, options);
    this.name = 'ObjectDamaged';
    this.key = key;
  }
}

/** The body given to `put` does not have the SHA-256 that was announced; nothing was stored. Code `storage.wrong-checksum`. */
export class WrongChecksum extends Error {
  readonly code = 'storage.wrong-checksum';
  readonly key: string;

  constructor(key: string, options?: ErrorOptions) {
    super(`The body for ${key} does not have the SHA-256 that was announced; nothing was stored.`, options);
    this.name = 'WrongChecksum';
    this.key = key;
  }
}

/** A key, metadata or option that no driver could keep: a mistake of the caller. Code `storage.invalid`. */
export class InvalidKey extends Error {
  readonly code = 'storage.invalid';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'InvalidKey';
  }
}

/** The store cannot be used now; trying again later may help. Code `storage.away`. */
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

/** The store refuses us until a person mends something: credentials, bucket, rights on the directory. Code `storage.refused`. */
export class StorageRefused extends Error {
  readonly code = 'storage.refused';
  readonly retryable = false;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StorageRefused';
  }
}
