/** A row as TypeScript knows it: column name → value. */
export type Shape = Record<string, unknown>

/** The row of a source without a schema: any column may be there, and every cell is text or missing. */
export type Untyped = Record<string, string | null>
