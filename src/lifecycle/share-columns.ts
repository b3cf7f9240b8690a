import type { SplitTicket } from './stage.ts'

/** The same ticket, with the very names of the split before where these are equal: there may be thousands of splits. */
export function shareColumns(ticket: SplitTicket, before: SplitTicket | undefined): SplitTicket {
  if (before === undefined) return ticket
  const { end, part } = ticket
  return {
    ...ticket,
    end: { ...end, columns: shared(end.columns, before.end.columns) },
    part: { ...part, columns: shared(part.columns, before.part.columns) },
  }
}

function shared(names: readonly string[], before: readonly string[]): readonly string[] {
  return names.length === before.length && names.every((name, index) => name === before[index]) ? before : names
}
