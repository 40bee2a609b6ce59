/** A cell: what is measured, and how it is shown where that differs by colours. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
  readonly align?: 'right'
}

/** Rows with columns of equal width, two blanks apart. */
export function table(rows: readonly (readonly Cell[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, { text }] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length)
  }
  return rows.map(row =>
    row
      .map(({ text, paint = same, align }, column) => {
        const blanks = ' '.repeat((widths[column] ?? 0) - text.length)
        if (align === 'right') return blanks + paint(text)
        return column === row.length - 1 ? paint(text) : paint(text) + blanks
      })
      .join('  '),
  )
}

function same(text: string): string {
  return text
}
