import type { Transform } from 'node:stream'
import type { Cell } from '../records/column.ts'
import type { Shape, Untyped } from '../records/shape.ts'
import { type CastType, type CastValue, castSteps } from './cast.ts'
import { filterColumnStep, filterRowsStep } from './filter.ts'
import type { GatherStep } from './gather.ts'
import { type MapRowsOptions, mapRowsStep } from './map-rows.ts'
import { dropStep, renameStep, selectStep } from './select.ts'
import type { Step } from './step.ts'
import { type ThroughOptions, throughStep } from './through.ts'
import { withColumnStep } from './with-column.ts'

type Names<T> = keyof T & string
type With<T, K extends string, V> = Omit<T, K> & Record<K, V>
/** Rows of unknown columns stay so: spreading them into a literal loses their index signature. */
type Mapped<T, U> = string extends keyof T ? U & Untyped : U
/** Leaves types that a cell can hold as they are; unknown ones are judged when the job runs. */
type Holdable<V> = unknown extends V ? unknown : [V] extends [Cell | undefined] ? unknown : NoCell
/** What a function on columns must not return: `mapRows` may be asynchronous, and no cell holds an object. */
interface NoCell {
  readonly 'a cell holds text, a number, a bigint, a boolean, a date or null; only mapRows may be asynchronous': never
}
type Renamed<T, M> = { [K in keyof T as K extends keyof M ? (M[K] extends string ? M[K] : K) : K]: T[K] }
type Casted<T, M> = {
  [K in keyof T]: K extends keyof M ? (M[K] extends CastType ? CastValue<M[K]> | Extract<T[K], null> : T[K]) : T[K]
}

/** A stage of a plan: one that rows pass split by split, or one that gathers them. */
export type AnyStep = Step | GatherStep

/**
 * A lazy, immutable plan over rows, as a Spark DataFrame is: each verb returns a new plan, and nothing runs until the
 * job does. Types flow: what a verb makes of a column is what later verbs, rules and the sink see.
 */
export class RowStream<T extends Shape = Shape> {
  readonly steps: readonly AnyStep[]

  constructor(steps: readonly AnyStep[] = []) {
    this.steps = steps
  }

  /** Sets an existing column to a function of its value. The function is synchronous; see `mapRows` for the other. */
  withColumn<K extends Names<T>, V>(name: K, fn: (value: T[K]) => V & Holdable<V>): RowStream<With<T, K, V>>
  /** Sets a column, new or existing, to a function of the values of other columns. */
  withColumn<K extends string, F extends readonly Names<T>[], V>(
    name: K,
    from: readonly [...F],
    fn: (...values: { [I in keyof F]: T[F[I]] }) => V & Holdable<V>,
  ): RowStream<With<T, K, V>>
  withColumn(name: string, from: unknown, fn?: unknown): RowStream<Shape> {
    return typeof from === 'function'
      ? this.apply(withColumnStep(name, [name], from as (value: never) => unknown))
      : this.apply(withColumnStep(name, from as readonly string[], fn as (...values: never[]) => unknown))
  }

  /** Keeps the rows whose cell passes; a type guard narrows the column. */
  filter<K extends Names<T>, N extends T[K]>(name: K, test: (value: T[K]) => value is N): RowStream<With<T, K, N>>
  filter<K extends Names<T>>(name: K, test: (value: T[K]) => boolean): RowStream<T>
  /** Keeps the rows that pass. */
  filter(test: (row: T) => boolean): RowStream<T>
  filter(name: unknown, test?: unknown): RowStream<Shape> {
    return typeof name === 'function'
      ? this.apply(filterRowsStep(name as (row: never) => boolean))
      : this.apply(filterColumnStep(name as string, test as (value: never) => boolean))
  }

  /** Keeps the named columns, in that order. */
  select<K extends Names<T>>(...names: readonly K[]): RowStream<Pick<T, K>> {
    return this.apply(selectStep(names))
  }

  /** Removes the named columns. */
  drop<K extends Names<T>>(...names: readonly K[]): RowStream<Omit<T, K>> {
    return this.apply(dropStep(names))
  }

  /** Renames columns: `{ old: 'new' }`. */
  rename<const M extends { readonly [K in Names<T>]?: string }>(names: M): RowStream<Renamed<T, M>> {
    return this.apply(renameStep(names as Readonly<Record<string, string>>))
  }

  /**
   * Gives columns a type: `{ amount: 'decimal(10,2)', placed: 'timestamptz' }`. What does not fit exactly rejects its row
   * with `type-error`.
   */
  cast<const M extends { readonly [K in Names<T>]?: CastType }>(types: M): RowStream<Casted<T, M>> {
    return new RowStream([...this.steps, ...castSteps(types as Readonly<Record<string, CastType>>)])
  }

  /** Makes each row anew from a plain object. The function may be asynchronous; order is kept. */
  mapRows<U extends Shape>(fn: (row: T) => U | Promise<U>, options?: MapRowsOptions): RowStream<Mapped<T, U>> {
    return this.apply(mapRowsStep(fn as (row: Record<string, Cell>) => U, options))
  }

  /** Sends the rows through any Node object-mode stream, which the factory makes anew for each split. */
  through<U extends Shape = T>(factory: () => Transform, options: ThroughOptions): RowStream<U> {
    return this.apply(throughStep(factory, options))
  }

  /** Applies a transform that teams share: a function from plan to plan. */
  pipe<U extends Shape>(transform: (rows: RowStream<T>) => RowStream<U>): RowStream<U> {
    return transform(this)
  }

  /** Adds a step of one's own; the verbs above are made of this. */
  apply<U extends Shape>(step: AnyStep): RowStream<U> {
    return new RowStream([...this.steps, step])
  }
}
