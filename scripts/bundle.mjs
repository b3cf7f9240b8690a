// The library as few files: a process that starts reads and links 10 of them faster than 200. The compiler has checked
// the types and writes the declarations.
import { chmodSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

const OUT = 'build'
// As deep as most sources, so that paths relative to a source file hold for the file that it ends up in.
const CHUNKS = 'library/chunks'

rmSync(`${OUT}/library`, { recursive: true, force: true })
await build({
  entryPoints: [
    { in: 'src/index.ts', out: 'index' },
    { in: 'src/runtimes/cli/main.ts', out: 'runtimes/cli/main' },
    // Started by its file name, which it must lie beside.
    { in: 'src/storage/io-thread.ts', out: `${CHUNKS}/io-thread` },
  ],
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  packages: 'external',
  outdir: OUT,
  chunkNames: `${CHUNKS}/[hash]`,
  // Read only with --verbose, whose stacks name the sources.
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
})
// Package managers link to the command and expect that it can be run.
chmodSync(`${OUT}/runtimes/cli/main.js`, 0o755)
