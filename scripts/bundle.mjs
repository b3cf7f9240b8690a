// The library as few files: a process that starts reads and links 10 of them faster than 200. The compiler has checked
// the types and writes the declarations.
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { build } from 'esbuild'

const OUT = 'build'
// As deep as most sources, so that paths relative to a source file hold for the file that it ends up in.
const CHUNKS = 'library/chunks'
const COMMON = { bundle: true, format: 'esm', platform: 'node', target: 'node22.18', logLevel: 'warning' }

rmSync(`${OUT}/library`, { recursive: true, force: true })
await build({
  ...COMMON,
  entryPoints: [
    { in: 'src/index.ts', out: 'index' },
    { in: 'src/runtimes/lambda/index.ts', out: 'runtimes/lambda/index' },
    { in: 'src/runtimes/cli/main.ts', out: 'runtimes/cli/main' },
  ],
  splitting: true,
  packages: 'external',
  // Described in src/bundled.d.ts.
  define: {
    BUNDLED_KERNELS: JSON.stringify(readFileSync(`${OUT}/kernels.wasm`, 'base64')),
    BUNDLED_IO_THREAD: JSON.stringify(
      `data:text/javascript,${encodeURIComponent(await bundled('src/storage/io-thread.ts'))}`,
    ),
    BUNDLED_QUERY_CHILD: JSON.stringify(await bundled('src/transforms/sql/query-child.ts')),
    BUNDLED_VERSION: JSON.stringify(JSON.parse(readFileSync('package.json', 'utf8')).version),
  },
  outdir: OUT,
  chunkNames: `${CHUNKS}/[hash]`,
  // Read only with --verbose, whose stacks name the sources.
  sourcemap: true,
  sourcesContent: false,
})
// Package managers link to the command and expect that it can be run.
chmodSync(`${OUT}/runtimes/cli/main.js`, 0o755)

/** A module that a worker or a process can be started from without a file. */
async function bundled(source) {
  const { outputFiles } = await build({ ...COMMON, entryPoints: [source], minify: true, write: false })
  return outputFiles[0].text
}
