import type { CatalogConfig } from '../../config/catalog-config.ts'
import { vendsCredentials } from '../../config/vends-credentials.ts'
import { withAccess } from '../s3/s3-access.ts'
import type { Catalog } from './catalog.ts'
import { configuredCatalog } from './catalog-settings.ts'
import { openCatalog, openPlanned, type PlannedCatalog } from './planned-catalog.ts'
import { TableAccess } from './table-access.ts'
import { formatTableName, parseTableName, type TableName } from './table-name.ts'

/** A table, its catalog, and how its files are reached; undefined: as everything else is. */
export interface ReachedTable {
  readonly table: TableName
  readonly access: TableAccess | undefined
  open(): Promise<Catalog>
}

/** Of a catalog by the first part of the table's name, by another name, or as it stands here. */
export function reachTable(location: string, given?: string | CatalogConfig): ReachedTable {
  const { catalog: name, ...table } = parseTableName(location)
  const config = typeof given === 'object' ? given : configuredCatalog(given ?? name)
  return reached(config, config, table, () => openCatalog(name, config))
}

/** Of a run. `config` has the secrets that the plan does not, where the run is planned. */
export function reachPlanned(location: string, planned: PlannedCatalog, config?: CatalogConfig): ReachedTable {
  const { catalog: name, ...table } = parseTableName(location)
  const found = reached(planned, planned.config, table, () => openPlanned(planned))
  return config === undefined ? found : { ...found, open: () => openCatalog(name, config) }
}

/** Works with the catalog and the files of a table. */
export async function workOn<R>({ access, open }: ReachedTable, work: (catalog: Catalog) => Promise<R>): Promise<R> {
  const catalog = await open()
  try {
    return await withAccess(access, () => work(access?.hearing(catalog) ?? catalog))
  } finally {
    await catalog.close()
  }
}

/** What is lent goes with the one for whom it was asked: no other run of this process has it. */
const known = new WeakMap<object, Map<string, TableAccess>>()

function reached(owner: object, config: CatalogConfig, table: TableName, open: () => Promise<Catalog>): ReachedTable {
  if (!vendsCredentials(config)) return { table, access: undefined, open }
  const accesses: Map<string, TableAccess> = known.get(owner) ?? new Map()
  known.set(owner, accesses)
  const name = formatTableName(table)
  let access = accesses.get(name)
  if (access === undefined) {
    access = new TableAccess(async (staged) => {
      const catalog = await open()
      try {
        return await catalog.vend(table, staged)
      } finally {
        await catalog.close()
      }
    })
    accesses.set(name, access)
  }
  return { table, access, open }
}
