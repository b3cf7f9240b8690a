import type { LambdaContext } from '../lambda-context.ts'

/** What AWS gives to a handler, of a function that has so much time left. */
export function fakeContext(milliseconds = 60_000): LambdaContext {
  const end = Date.now() + milliseconds
  return {
    functionName: 'loads',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:loads',
    memoryLimitInMB: '512',
    awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    getRemainingTimeInMillis: () => Math.max(0, end - Date.now()),
  }
}
