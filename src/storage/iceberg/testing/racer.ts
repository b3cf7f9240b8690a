// A process that commits to a table again and again: `racer.ts <uri of the catalog> <name> <commits>`.
import { row, TableScene } from './table-scene.ts'

const [uri = '', name = '', commits = '1'] = process.argv.slice(2)
using scene = new TableScene('lake.silver.customers', () => ({ type: 'sql', uri }))
for (let commit = 0; commit < Number(commits); commit++) {
  const { outcome } = await scene.run(`${name}-${commit}`, { rows: [row(commit, name)] })
  if (outcome !== 'committed') process.exitCode = 1
}
