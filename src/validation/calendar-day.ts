/** Whether text is a day `YYYY-MM-DD` that there is in the calendar: `Date.parse` takes the 30th of February for another one. */
export function isCalendarDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (year === undefined) return false
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return date.toISOString().startsWith(text)
}
