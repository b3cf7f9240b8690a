/** What became of a notification, for report and audit. */
export interface NotificationResult {
  readonly target: string
  readonly status: 'sent' | 'failed'
  readonly error?: string
}
