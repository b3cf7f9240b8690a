import { Duration, Size } from 'aws-cdk-lib'
import { Rule } from 'aws-cdk-lib/aws-events'
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'

export interface CustomerFilesProps {
  readonly environment: 'dev' | 'staging' | 'prod'
  /** Its events must go to EventBridge. */
  readonly bronze: IBucket
  readonly silver: IBucket
  /** What `node examples/lambda/build.mjs` has made. */
  readonly code: string
}

/** Each file in the bronze layer is cleaned into the silver layer, by way of a queue. */
export class CustomerFiles extends Construct {
  readonly function: LambdaFunction
  /** Where files wait that could not be loaded. */
  readonly deadLetters: Queue

  constructor(scope: Construct, id: string, { environment, bronze, silver, code }: CustomerFilesProps) {
    super(scope, id)
    const timeout = Duration.minutes(5)
    this.function = new LambdaFunction(this, 'Function', {
      code: Code.fromAsset(code),
      handler: 'handler.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      // One processor.
      memorySize: 1769,
      // What a run stages before it uploads, and spills.
      ephemeralStorageSize: Size.gibibytes(2),
      timeout,
      environment: {
        SLUICE_ENV: environment,
        POWERTOOLS_SERVICE_NAME: 'customers',
        POWERTOOLS_METRICS_NAMESPACE: 'DataLake',
      },
    })
    this.deadLetters = new Queue(this, 'DeadLetters', { retentionPeriod: Duration.days(14) })
    const queue = new Queue(this, 'Queue', {
      visibilityTimeout: Duration.minutes(6 * timeout.toMinutes()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 3 },
    })
    // Without the failures of items the answer of the function is not read, and failed messages are deleted.
    const mapping = { batchSize: 1, maxConcurrency: 10, reportBatchItemFailures: true }
    this.function.addEventSource(new SqsEventSource(queue, mapping))
    const object = { key: [{ prefix: 'customers/' }] }
    const detail = { bucket: { name: [bronze.bucketName] }, object }
    new Rule(this, 'NewFile', {
      eventPattern: { source: ['aws.s3'], detailType: ['Object Created'], detail },
      targets: [new SqsQueue(queue)],
    })
    for (const statement of permissions(bronze, silver)) this.function.addToRolePolicy(statement)
  }
}

function permissions(bronze: IBucket, silver: IBucket): readonly PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['s3:GetObject'], resources: [bronze.arnForObjects('customers/*')] }),
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
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
    // Without it S3 says of what is not there that it is forbidden.
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
