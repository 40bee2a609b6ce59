export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** @param sorted ascending */
export function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/**
 * What the median of what was sampled lies between, with a confidence of 95 % or, below six samples, with that of all of
 * them: `1 - 2 ** (1 - n)`. It assumes nothing about how they are spread: fewer than `k` of `n` fall on one side of
 * the median as often as a coin falls so.
 */
export function bounds(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const { length } = sorted
  let ways = 1
  let below = 0
  let cut = -1
  for (let k = 0; k < length / 2; k++) {
    below += ways / 2 ** length
    if (below > 0.025) break
    cut = k
    ways = (ways * (length - k)) / (k + 1)
  }
  const edge = Math.max(cut, 0)
  return [sorted[edge], sorted[length - 1 - edge]]
}

/** `1.08 (0.97–1.21)`: median, least and most. */
export function spread(values, digits = 2) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return `${median(values).toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}

/** A Markdown table. */
export function table(head, rows) {
  const line = cells => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
