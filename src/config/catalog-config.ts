import type { SecretSource } from './secret.ts'

/** Where tables are registered. */
export type CatalogConfig = SqlCatalogConfig | RestCatalogConfig

/** A SQLite database in the layout of Iceberg's JDBC catalog, which PyIceberg and Spark open too. Needs nothing installed. */
export interface SqlCatalogConfig {
  readonly type: 'sql'
  /** Of the database file: `file:lake/catalog.db`. */
  readonly uri: string
  /** Below which tables lie: a directory or an `s3://` prefix; default the directory of the database. */
  readonly warehouse?: string
}

/** A server that speaks Iceberg's REST protocol, such as AWS Glue, S3 Tables, Polaris or Lakekeeper. */
export interface RestCatalogConfig {
  readonly type: 'rest'
  /** Without the `/v1`, such as `https://glue.eu-central-1.amazonaws.com/iceberg`. */
  readonly uri: string
  /** Which of the server's warehouses: an account id for Glue, the ARN of a table bucket for S3 Tables. */
  readonly warehouse?: string
  /** Of paths, where the server does not say it itself. */
  readonly prefix?: string
  /** Below which new tables lie, for servers that do not choose a place themselves, such as Glue. */
  readonly location?: string
  /** More fields of every request; no secrets. */
  readonly headers?: Readonly<Record<string, string>>
  /** Default: nobody asks. */
  readonly auth?: CatalogAuth
  /**
   * Files of tables are reached with what the catalog gives for each table, if it does, or with the credentials of the
   * process. Default `vended`, but `own` where requests are signed for AWS.
   */
  readonly credentials?: 'vended' | 'own'
}

export type CatalogAuth =
  | { readonly type: 'bearer'; readonly token: SecretSource }
  /** Client credentials (RFC 6749). */
  | {
      readonly type: 'oauth2'
      /** Default `<uri>/v1/oauth/tokens`. */
      readonly tokenUrl?: string
      readonly clientId: SecretSource
      readonly clientSecret: SecretSource
      readonly scope?: string
    }
  /** Credentials and region come from where the AWS SDK finds them. */
  | { readonly type: 'sigv4'; readonly service: 'glue' | 's3tables' | 'execute-api'; readonly region?: string }

/** By name: the first part of a table's name. */
export type CatalogConfigs = Readonly<Record<string, CatalogConfig>>
