/** Of every type that DuckDB writes, nulls among them; `i` is the number of the row. */
export const ALL_TYPES = `
  i, (i * 7919 - 5)::int as i32, (i % 100)::tinyint as i8, (i % 100)::utinyint as u8, (i % 9)::usmallint as u16,
  i::uinteger + 4294900000::uinteger as u32, 18446744073709500000::ubigint + i::ubigint as u64,
  (9223372036854700000 - i)::bigint as i64,
  case when i % 7 = 0 then null else i / 7 end::double as d, (i * 0.1)::float as f, -0.0::double as zero,
  i % 3 = 0 as b, case when i % 3 = 0 then null else i % 2 = 0 end as maybe,
  ((i - 500) * 1.25)::decimal(9, 2) as d9, ((i - 500) * 12345678.125)::decimal(18, 3) as d18,
  (-99999999999999999999999999999.000000001 + i)::decimal(38, 9) as d38,
  date '1900-01-01' + (i * 31 % 50000)::int as day, time '23:59:59.999999' - interval (i) second as t,
  timestamp '1969-12-31 23:59:59.999999' + interval (i) minute as ts,
  timestamptz '1969-12-31 23:59:59.999999Z' + interval (i) minute as tz,
  timestamp_ms '2001-01-01 00:00:00.123' as ms, timestamp_s '2001-01-01 00:00:01' as s,
  timestamp_ns '2001-01-01 00:00:00.123456' as ns,
  case when i % 11 = 0 then null when i % 5 = 0 then '' else 'größer 🙂 ' || (i % 50) end as few,
  md5(i::varchar) as many, 'e' || (i % 3) as same, case when i % 2 = 0 then md5(i::varchar)::blob end as bytes,
  md5(i::varchar)::uuid as id, null::varchar as nothing, ('{"i":' || i || '}')::json as j,
  repeat('long ', (i % 300)::int) as long`
