declare module 'parquetjs-lite' {
  interface Cursor {
    next(): Promise<object | null>
  }
  const parquetjs: {
    readonly ParquetReader: {
      openBuffer(bytes: Buffer): Promise<{ getCursor(): Cursor; close(): Promise<void> }>
    }
    readonly ParquetSchema: new (schema: object) => object
    readonly ParquetWriter: {
      openFile(schema: object, path: string): Promise<{ appendRow(row: object): Promise<void>; close(): Promise<void> }>
    }
  }
  export default parquetjs
}
