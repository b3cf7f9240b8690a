/** Of reports and audit records; `docs/report.schema.json` describes the former. */
export const SCHEMA_VERSION = '1.0'
