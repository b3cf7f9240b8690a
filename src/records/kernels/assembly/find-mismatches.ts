export function findMismatches(spans: usize, stride: usize, rows: i32, live: usize, table: usize, out: usize): void {
}
