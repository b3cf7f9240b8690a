// What `scripts/bundle.mjs` puts into the library instead of files that lie beside it, so that whoever bundles the library
// once more, as for AWS Lambda, needs none of them. Sources that run as they are read the files.

/** `build/kernels.wasm`, in base64. */
declare const BUNDLED_KERNELS: string | undefined
/** `src/storage/io-thread.ts`, as a data URL. */
declare const BUNDLED_IO_THREAD: string | undefined
/** `src/transforms/sql/query-child.ts`, as a text. */
declare const BUNDLED_QUERY_CHILD: string | undefined
/** Of `package.json`. */
declare const BUNDLED_VERSION: string | undefined
