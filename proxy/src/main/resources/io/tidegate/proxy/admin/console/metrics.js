// What /metrics says at one moment, and what happened between two of them.

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

const value = (text) => (text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text));

const fits = (labels, wanted) => Object.entries(wanted).every(([name, one]) => labels[name] === one);

export class Metrics {
  #series = new Map();

  constructor(text, seconds) {
    this.seconds = seconds;
    for (const line of text.split("\n")) {
      const found = line.startsWith("#") ? null : LINE.exec(line);
      if (found) {
        const labels = {};
        for (const [, name, raw] of (found[2] ?? "").matchAll(LABEL)) {
          labels[name] = raw.replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
        }
        const series = this.#series.get(found[1]) ?? [];
        series.push({ labels, value: value(found[3]) });
        this.#series.set(found[1], series);
      }
    }
  }

  /** Every series of a name whose labels are as wanted. */
  all(name, wanted = {}) {
    return (this.#series.get(name) ?? []).filter((one) => fits(one.labels, wanted));
  }

  /** Their sum; undefined if there are none. */
  sum(name, wanted = {}) {
    const found = this.all(name, wanted);
    return found.length === 0 ? undefined : found.reduce((sum, one) => sum + one.value, 0);
  }
}

/** How often per second a counter has counted between two moments. */
export function rate(before, now, name, wanted = {}) {
  const seconds = now.seconds - before.seconds;
  const counted = (now.sum(name, wanted) ?? 0) - (before.sum(name, wanted) ?? 0);
  return seconds > 0 ? Math.max(0, counted) / seconds : 0;
}

/**
 * Quantiles of what a histogram counted between two moments, each within its bucket as if evenly spread; undefined if it
 * counted nothing.
 */
export function quantiles(before, now, name, wanted, wantedQuantiles) {
  const buckets = new Map();
  const add = (metrics, sign) => {
    for (const { labels, value: count } of metrics.all(name + "_bucket", wanted)) {
      const bound = value(labels.le);
      buckets.set(bound, (buckets.get(bound) ?? 0) + sign * count);
    }
  };
  add(now, 1);
  add(before, -1);
  const sorted = [...buckets].sort((a, b) => a[0] - b[0]);
  const total = sorted.at(-1)?.[1] ?? 0;
  return wantedQuantiles.map((quantile) => (total > 0 ? within(sorted, quantile * total) : undefined));
}

function within(sorted, rank) {
  let lowerBound = 0;
  let lowerCount = 0;
  for (const [bound, count] of sorted) {
    if (count >= rank) {
      const share = count > lowerCount ? (rank - lowerCount) / (count - lowerCount) : 1;
      return bound === Infinity ? lowerBound : lowerBound + (bound - lowerBound) * share;
    }
    lowerBound = bound;
    lowerCount = count;
  }
  return lowerBound;
}
