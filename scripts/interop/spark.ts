import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { VENV } from './python.ts'

/** What pyspark lacks: Iceberg, its way to S3, and a driver for catalogs in SQLite. */
const JARS = [
  {
    path: 'org/apache/iceberg/iceberg-spark-runtime-3.5_2.12/1.10.1/iceberg-spark-runtime-3.5_2.12-1.10.1.jar',
    sha256: '39ea09e6c03550a300b9d9ab498949836d2d434e441da4c12a943a086e396940',
  },
  {
    path: 'org/apache/iceberg/iceberg-aws-bundle/1.10.1/iceberg-aws-bundle-1.10.1.jar',
    sha256: '86bf20892ea5b4c17688f19b075399885f6aa5303f6b2dc9f491e76ceef9633b',
  },
  {
    path: 'org/xerial/sqlite-jdbc/3.50.3.0/sqlite-jdbc-3.50.3.0.jar',
    sha256: 'a3f53a2aa15ae9425a9e793bbe9c8e5288febeb4b65ef5c1a4e80d4c2045cf08',
  },
]
const MAVEN = 'https://repo1.maven.org/maven2'
const FOLDER = `${VENV}/jars`

export interface SparkJars {
  /** Where they lie, as Spark wants to be told. */
  readonly jars?: string
  /** What is in the way of running Spark. */
  readonly problem?: string
}

/** Looks for Java, and fetches the jars once. */
export async function installSpark(): Promise<SparkJars> {
  const java = process.env['JAVA_HOME'] === undefined ? 'java' : `${process.env['JAVA_HOME']}/bin/java`
  const { stderr } = spawnSync(java, ['-version'])
  const [, major] = /version "(\d+)/.exec(`${stderr}`) ?? []
  // Later ones lack what this Spark uses.
  if (major !== '17' && major !== '21') return { problem: 'there is no Java 17' }
  try {
    const jars: string[] = []
    for (const jar of JARS) jars.push(await fetchJar(jar))
    return { jars: jars.join(',') }
  } catch (error) {
    return { problem: `the jars cannot be fetched: ${error instanceof Error ? error.message : error}` }
  }
}

async function fetchJar({ path, sha256 }: (typeof JARS)[number]): Promise<string> {
  const file = `${FOLDER}/${path.split('/').at(-1)}`
  if (existsSync(file)) return file
  const response = await fetch(`${MAVEN}/${path}`)
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Error(`${path} has another SHA-256`)
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(`${file}.part`, bytes)
  renameSync(`${file}.part`, file)
  return file
}
