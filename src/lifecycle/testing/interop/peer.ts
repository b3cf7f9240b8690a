import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program that others wrote, behind a script of this folder: `peer.py` says how they talk. */
export class Peer implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  readonly #ended: Promise<unknown>
  #errors = ''

  constructor(script: string, ...words: readonly string[]) {
    const path = fileURLToPath(new URL(`./${script}`, import.meta.url))
    const python = process.env['INTEROP_PYTHON'] as string
    this.#child = spawn(python, [path, ...words], { env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
    this.#ended = new Promise((ended) => this.#child.on('close', ended))
    this.#child.stderr!.setEncoding('utf8').on('data', (text) => {
      this.#errors = `${this.#errors}${text}`.slice(-4000)
    })
  }

  /** One request at a time. Throws what the program throws, by its name. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the script answers
  async ask(what: string, request: object = {}): Promise<any> {
    this.#child.stdin!.write(`${JSON.stringify({ do: what, ...request })}\n`)
    const line = await this.#answers.next()
    if (line.done === true) throw new Error(`the program has ended: ${this.#errors}`)
    const { answer, error } = JSON.parse(line.value)
    if (error !== undefined) throw new Error(error)
    return answer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin!.end()
    await this.#ended
  }
}
