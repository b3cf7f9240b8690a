/** What a cell holds once somebody looks at it. */
export type Cell = string | number | bigint | boolean | Date | null
