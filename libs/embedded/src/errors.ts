/** A program is not on this machine and could not be installed; the message says what to do. */
export class MissingProgram extends Error {
  readonly code = 'embedded.missing-program';
}

/** A private service did not come up; `output` holds the last lines that it printed. */
export class StartFailed extends Error {
  readonly code = 'embedded.start-failed';
  readonly output: string;

  constructor(message: string, output = '') {
    super(output === '' ? message : `${message}\n${output}`);
    this.output = output;
  }
}

/** Another live program holds the folder of this instance. */
export class FolderInUse extends Error {
  readonly code = 'embedded.folder-in-use';
}
