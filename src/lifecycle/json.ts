/** What the journal, the ledger and the audit trail hold. */
export type JsonObject = { readonly [name: string]: unknown }
