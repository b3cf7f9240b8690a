/** The columns of a batch by name and order. Compared by reference: batches of one stream share it. */
export interface Schema {
  readonly columns: readonly string[]
  readonly indexOf: ReadonlyMap<string, number>
}

export function schemaOf(columns: readonly string[]): Schema {
  return { columns, indexOf: new Map(columns.map((name, index) => [name, index])) }
}
