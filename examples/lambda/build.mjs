// Makes dist/lambda/, which is all that the function needs: node examples/lambda/build.mjs
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

const OUT = 'dist/lambda'
const COMMON = { bundle: true, platform: 'node', target: 'node24', minify: true, legalComments: 'none' }

rmSync(OUT, { recursive: true, force: true })
await build({
  ...COMMON,
  entryPoints: ['examples/lambda/handler.ts'],
  outfile: `${OUT}/handler.mjs`,
  format: 'esm',
  // In the bundle, not from the runtime: it loads faster there, and its version is the one that was tested.
  mainFields: ['module', 'main'],
  // What of the AWS SDK is CommonJS asks for modules of Node.js by `require`.
  banner: { js: "import { createRequire } from 'node:module';const require=createRequire(import.meta.url);" },
})
// Phone numbers out of the ordinary load this library when they are met, by its name.
await build({
  ...COMMON,
  entryPoints: ['min', 'max'].map((name) => ({ in: `libphonenumber-js/${name}`, out: name })),
  outdir: `${OUT}/node_modules/libphonenumber-js`,
  format: 'cjs',
})
