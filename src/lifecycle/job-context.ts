import { findDataset, locateTarget } from '../config/datasets.ts'
import type { Settings } from '../config/settings.ts'
import type { JobContext } from './job.ts'
import { datasetReader } from './read-dataset.ts'

/** What the functions of a job are given: they name datasets, the settings say where those lie. */
export function jobContext(settings: Settings, { params, runId }: Pick<JobContext, 'params' | 'runId'>): JobContext {
  return {
    environment: settings.environment.value,
    params,
    runId,
    dataset: (name, options) => findDataset(settings, name, options).location,
    target: (name, options) => locateTarget(settings, name, options),
    readDataset: datasetReader(settings),
  }
}
