import { lambdaHandler } from 'sluice/lambda'
import job from './job.ts'

export const handler = lambdaHandler(job)
