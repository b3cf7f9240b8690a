import { fileURLToPath } from 'node:url'

/** The repository's root, without a slash at the end. */
export const ROOT: string = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')

/** Generated inputs, kept between runs and by git ignored. */
export const DATA: string = `${ROOT}/bench/data`

/** Our command line as `npm run build` leaves it. */
export const CLI: string = `${ROOT}/build/runtimes/cli/main.js`

/** The Python of the interop lane, which has PyIceberg. */
export const PYTHON: string = `${ROOT}/.venv-interop/bin/python`

export const SEED = 7
