/** Whether a path on the command line, of a file or of a directory, is named as Parquet. */
export function isParquet(path: string): boolean {
  return /\.parquet\/?$/i.test(path)
}
