import type { CatalogConfig } from '../../config/catalog-config.ts'
import type { Settings } from '../../config/settings.ts'
import { openCatalog } from '../../storage/iceberg/planned-catalog.ts'
import { isS3 } from '../../storage/s3/s3-location.ts'
import type { Looked, Use } from './finding.ts'
import { probe } from './probes.ts'

/** The catalogs of the configuration; with `names` those of them. */
export function usesOfCatalogs({ catalogs }: Settings, names?: ReadonlySet<string>): readonly Use[] {
  const configured = Object.entries(catalogs.value ?? {})
  const wanted = configured.filter(([name]) => names === undefined || names.has(name))
  return wanted.map(([name, config]) => ({
    subject: 'catalog',
    location: `${name}: ${config.uri}`,
    need: 'append',
    origin: catalogs.name,
    aws: speaksToAws(config),
    look: () => lookAtCatalog(name, config),
  }))
}

function speaksToAws(config: CatalogConfig): boolean {
  if (config.type === 'sql') return isS3(config.warehouse ?? '')
  return isS3(config.location ?? '') || config.auth?.type === 'sigv4'
}

async function lookAtCatalog(name: string, config: CatalogConfig): Promise<Looked> {
  const catalog = await openCatalog(name, config)
  try {
    const { detail, fix, places } = await catalog.probe()
    if (fix !== undefined) return { status: 'warning', detail, fix }
    for (const location of places) {
      // Who only reads tables need not be permitted to make any.
      const looked = await probe({ subject: 'catalog', location, need: 'append', optional: true })
      if (looked.status !== 'ok') return { ...looked, detail: `${detail}; ${location}: ${looked.detail}` }
    }
    return { status: 'ok', detail }
  } finally {
    await catalog.close()
  }
}
