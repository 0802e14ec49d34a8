/** What a question that cannot be asked looks like, in parts. */
export interface Complaint {
  /** The file the trouble is in, as the user named it. */
  readonly file?: string
  /** The tensor or config key, as named in the file: `input.P`, `config.heads`. */
  readonly tensor?: string
  readonly expected: string
  readonly found: string
  /** The likely fix. */
  readonly hint?: string
}

/**
 * The question could not be asked: bad file, bad shape, unknown id. The command line turns it into one line on
 * standard error and exit code 2.
 */
export class QuestionError extends Error {
  override readonly name = 'QuestionError'
  readonly complaint: Complaint

  constructor(complaint: Complaint, options?: ErrorOptions) {
    super(describe(complaint), options)
    this.complaint = complaint
  }

  /** The same complaint, about `file`; a file already named stays. */
  inFile(file: string): QuestionError {
    return new QuestionError({ file, ...this.complaint }, { cause: this.cause })
  }
}

function describe({ file, tensor, expected, found, hint }: Complaint): string {
  const where = [file, tensor]
    .filter((part) => part !== undefined)
    .map((part) => `${part === '' ? '""' : oneLine(part)}: `)
  return `${where.join('')}expected ${oneLine(expected)}, found ${found === '' ? '""' : oneLine(found)}${hint ? ` (${oneLine(hint)})` : ''}`
}

/** Names come from files; a line break or an escape sequence in one must not reach the terminal. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (c) => JSON.stringify(c).slice(1, -1))
}
