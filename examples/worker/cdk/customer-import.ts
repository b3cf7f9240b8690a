import { Duration } from 'aws-cdk-lib'
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling'
import {
  Capability,
  type ContainerImage,
  CpuArchitecture,
  FargateTaskDefinition,
  type ICluster,
  LinuxParameters,
  LogDrivers,
} from 'aws-cdk-lib/aws-ecs'
import { ScheduledFargateTask } from 'aws-cdk-lib/aws-ecs-patterns'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

export interface CustomerImportProps {
  readonly cluster: ICluster
  /** Of `examples/worker/Dockerfile`. */
  readonly image: ContainerImage
  readonly environment: 'dev' | 'staging' | 'prod'
  readonly bronze: IBucket
  readonly silver: IBucket
}

/** The job of a night: cleans all customers of the bronze layer into the silver layer. */
export class CustomerImport extends Construct {
  constructor(scope: Construct, id: string, { cluster, image, environment, bronze, silver }: CustomerImportProps) {
    super(scope, id)
    const task = new FargateTaskDefinition(this, 'Task', {
      cpu: 1024,
      memoryLimitMiB: 2048,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64 },
      volumes: [{ name: 'tmp' }],
    })
    const linuxParameters = new LinuxParameters(this, 'Linux')
    linuxParameters.dropCapabilities(Capability.ALL)
    const container = task.addContainer('worker', {
      image,
      command: ['run', 'customer-import.ts', '--env', environment, '--json', '--JOB_NAME', 'customer-import'],
      environment: { SLUICE_STATE: `s3://${silver.bucketName}/.sluice/` },
      user: '1000',
      readonlyRootFilesystem: true,
      linuxParameters,
      // To undo a run takes seconds; a commit that has begun is finished.
      stopTimeout: Duration.seconds(60),
      logging: LogDrivers.awsLogs({ streamPrefix: 'worker' }),
    })
    container.addMountPoints({ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false })
    for (const statement of permissions(bronze, silver)) task.addToTaskRolePolicy(statement)
    const schedule = Schedule.cron({ hour: '3', minute: '0' })
    new ScheduledFargateTask(this, 'Nightly', {
      cluster,
      schedule,
      scheduledFargateTaskDefinitionOptions: { taskDefinition: task },
    })
  }
}

function permissions(bronze: IBucket, silver: IBucket): readonly PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['s3:GetObject'], resources: [bronze.arnForObjects('customers/*')] }),
    new PolicyStatement({
      actions: [
        's3:GetObject',
        's3:PutObject',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      resources: [silver.arnForObjects('customers/*')],
    }),
    new PolicyStatement({
      actions: [
        's3:GetObject',
        's3:PutObject',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      resources: [silver.arnForObjects('.sluice/*')],
    }),
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bronze.bucketArn, silver.bucketArn],
      conditions: { StringLikeIfExists: { 's3:prefix': ['customers/*', '.sluice/*'] } },
    }),
    new PolicyStatement({
      actions: ['s3:ListBucketMultipartUploads'],
      resources: [silver.bucketArn],
      conditions: { StringLikeIfExists: { 's3:prefix': ['customers/*', '.sluice/*'] } },
    }),
  ]
}
