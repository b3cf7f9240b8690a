#!/usr/bin/env node
// Imports nothing before the check and uses nothing that an old Node lacks, lest that Node fail with a stack trace.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `error: Sluice needs Node.js 22.18 or later, and this is ${process.version}. Install a newer Node.js.\n`,
  )
  process.exitCode = 2
} else {
  // The compiled form of this program and of job files is kept: a job in TypeScript loads 40 ms faster the second time.
  process.getBuiltinModule('node:module').enableCompileCache()
  // A small young generation: batches come and go, and memory is promised to stay what it is. Growing it was measured to
  // cost 90 MB where every row is rejected, and to save some 10 % of time where every row becomes an object.
  // Several threads for so little cost more than they save.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--no-parallel-scavenge')
  // What a batch needs grows old with it and is garbage soon: the old generation may double before it is collected, no more.
  setFlagsFromString('--heap-growing-percent=100')
  // Stacks then name the sources, not the files that were bundled of them.
  if (process.argv.includes('--verbose')) process.setSourceMapsEnabled(true)
  const argv = process.argv.slice(2)
  import('./warm-up.ts').then(({ warmUp }) => warmUp(argv))
  import('./cli.ts').then(({ runCli }) => runCli(argv))
}

// Without an export this file would be a script, whose names are global.
export {}
