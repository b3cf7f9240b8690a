// The compiler writes plain files; package managers link to the command and expect that it can be run.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../build/runtimes/cli/main.js', import.meta.url), 0o755)
