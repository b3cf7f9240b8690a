// The process of one query. It is started with a channel to its parent, takes a request, answers, and is then killed.
import { answerQuery } from './answer-query.ts'
import { overrun } from './memory-watch.ts'
import type { QueryRequest } from './query-request.ts'

// Without a parent there is nobody to work for. An ordinary exit would wait for the query.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', async (request: QueryRequest) => {
  const failure = { phase: 'run', type: 'Overrun', message: '' } as const
  process.send?.(await Promise.race([answerQuery(request), overrun(request.memory).then(() => ({ failure }))]))
})
