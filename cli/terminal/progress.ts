/** Says on stderr how far long work is, once it takes longer than half a second. */
export interface Progress {
  step(text: string): void
  end(): void
}

const PATIENCE_MS = 500

export function openProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const startedAt = performance.now()
  let pending = ''
  let shown = false
  const show = () => {
    if (pending === '') return
    stream.write(stream.isTTY ? `\r\u001b[2K${pending}` : `${pending}\n`)
    pending = ''
    shown = true
  }
  const timer = setTimeout(show, PATIENCE_MS)
  timer.unref()
  return {
    step(text) {
      // A log gets the first line alone, a terminal always the latest.
      if (!stream.isTTY && (shown || pending !== '')) return
      pending = text
      if (performance.now() - startedAt > PATIENCE_MS) show()
    },
    end() {
      clearTimeout(timer)
      if (shown && stream.isTTY) stream.write('\r\u001b[2K')
    },
  }
}
