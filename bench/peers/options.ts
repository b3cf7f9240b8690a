import { parseArgs } from 'node:util'

export interface PeerOptions {
  readonly input: string
  readonly output: string
  readonly deadLetters: string
  readonly quarantine: boolean
}

/** `--input IN.csv --output OUT.csv --dead-letters BAD.jsonl [--on-invalid fail|quarantine]`, the same for every peer. */
export function peerOptions(): PeerOptions {
  const { values } = parseArgs({
    options: {
      input: { type: 'string' },
      output: { type: 'string' },
      'dead-letters': { type: 'string' },
      'on-invalid': { type: 'string', default: 'fail' },
    },
  })
  const { input, output, 'dead-letters': deadLetters } = values
  if (input === undefined || output === undefined || deadLetters === undefined) {
    throw new Error('a peer needs --input, --output and --dead-letters')
  }
  return { input, output, deadLetters, quarantine: values['on-invalid'] === 'quarantine' }
}
