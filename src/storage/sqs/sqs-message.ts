/** A message before it is sent. */
export interface SqsMessage {
  /** What people know it by: the id of its letter. */
  readonly id: string
  readonly body: string
  /** All of the type String. */
  readonly attributes: Readonly<Record<string, string>>
  /** Of a FIFO queue: messages of a group stay in order, and a repeated id within five minutes is no second message. */
  readonly fifo?: { readonly group: string; readonly deduplicationId: string }
}

/** What SQS counts: the body and, of every attribute, name, type and value, in UTF-8. */
export function messageBytes({ body, attributes }: Pick<SqsMessage, 'body' | 'attributes'>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + TYPE.length + Buffer.byteLength(value),
    Buffer.byteLength(body),
  )
}

export interface SendParameters {
  readonly MessageBody: string
  readonly MessageAttributes: Record<string, { readonly DataType: string; readonly StringValue: string }>
  readonly MessageGroupId?: string
  readonly MessageDeduplicationId?: string
}

/** The parameters of a request that sends it. */
export function sendParameters({ body, attributes, fifo }: SqsMessage): SendParameters {
  const typed = Object.entries(attributes).map(([name, value]) => [name, { DataType: TYPE, StringValue: value }])
  return {
    MessageBody: body,
    MessageAttributes: Object.fromEntries(typed),
    ...(fifo === undefined ? {} : { MessageGroupId: fifo.group, MessageDeduplicationId: fifo.deduplicationId }),
  }
}

const TYPE = 'String'
