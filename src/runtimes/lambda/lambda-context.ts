/** What is used of the context that AWS gives to a handler. */
export interface LambdaContext {
  readonly functionName: string
  readonly invokedFunctionArn: string
  readonly memoryLimitInMB: string | number
  readonly awsRequestId: string
  getRemainingTimeInMillis(): number
}
