/**
 * A Prometheus histogram whose counting costs a few nanoseconds: it is told of every edit, a hundred thousand times
 * a second when the server is busy, where prom-client's own would take a tenth of the processor.
 */
export interface LatencyHistogram {
  observe(seconds: number): void
  render(): string
}

/** Commits take 0.1 ms on a good disk and seconds on one that fails; edits add the wait for their commit. */
const bucketSeconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createLatencyHistogram(name: string, help: string): LatencyHistogram {
  const counts = new Float64Array(bucketSeconds.length + 1)
  let sum = 0
  return {
    observe(seconds) {
      let bucket = 0
      while (bucket < bucketSeconds.length && seconds > (bucketSeconds[bucket] ?? 0)) bucket++
      counts[bucket] = (counts[bucket] ?? 0) + 1
      sum += seconds
    },
    render() {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
      let total = 0
      for (const [bucket, count] of counts.entries()) {
        total += count
        lines.push(`${name}_bucket{le="${bucketSeconds[bucket] ?? '+Inf'}"} ${total}`)
      }
      lines.push(`${name}_sum ${sum}`, `${name}_count ${total}`)
      return `${lines.join('\n')}\n`
    },
  }
}
