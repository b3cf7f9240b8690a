import type { CatalogConfig } from '../config/catalog-config.ts'
import { checkOptions, TEXT } from '../config/check-options.ts'
import { resolveSettings } from '../config/settings.ts'
import type { Environment } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { configuredCatalog, withCatalogs } from '../storage/iceberg/catalog-settings.ts'
import { CATALOG, checkCatalog } from '../storage/iceberg/check-catalog.ts'
import { openCatalog } from '../storage/iceberg/planned-catalog.ts'
import { publishBranch as fastForward } from '../storage/iceberg/publish-branch.ts'
import { parseTableName } from '../storage/iceberg/table-name.ts'
import { withS3 } from '../storage/s3/s3-settings.ts'

export interface PublishBranchOptions {
  /** As for `writeIceberg`. */
  readonly catalog?: string | CatalogConfig
  /** Default `SLUICE_ENV`, else what the configuration says, else `local`. */
  readonly environment?: Environment
  /** The configuration file; default `SLUICE_CONFIG`, else `sluice.config.ts` in the working directory, if there. */
  readonly config?: string
}

/**
 * Makes what a run wrote to a branch of an Iceberg table its main content, and ends the branch, in one commit. Readers see all
 * of it or nothing.
 *
 * @throws SluiceError `target-not-adoptable` when there is no such table; `target-moved` when there is no such branch, or when others have written to main since it began;
 * `in-doubt` when the catalog does not say what it did: then publish again, and `target-moved` for a branch that is gone
 * means that it was done.
 */
export async function publishBranch(table: string, branch: string, options: PublishBranchOptions = {}): Promise<void> {
  checkOptions<PublishBranchOptions>('publishBranch', options, { catalog: CATALOG, environment: TEXT, config: TEXT })
  const { catalog: given, ...where } = options
  checkCatalog('publishBranch', given)
  if (!TEXT.accepts(branch)) throw new SluiceError('job-invalid', 'publishBranch: name the branch to publish.')
  const { catalog: name, ...place } = parseTableName(table)
  const settings = await resolveSettings(where)
  const publish = async () => {
    const config = typeof given === 'object' ? given : configuredCatalog(given ?? name)
    const catalog = await openCatalog(name, config)
    try {
      await fastForward(catalog, place, branch)
    } finally {
      await catalog.close()
    }
  }
  await withS3(settings, () => withCatalogs(settings, publish))
}
