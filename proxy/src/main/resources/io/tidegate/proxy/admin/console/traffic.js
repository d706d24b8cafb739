// How many requests go where, how fast, and why there.

import { quantiles, rate } from "./metrics.js";
import { count, duration, el, show, sparkline } from "./draw.js";

const DURATION = "tidegate_request_duration_seconds";

/** A line is shown from when it was first busy, so that none jumps in and out. */
const seen = new Map();

export function traffic(moments) {
  const { before, now } = moments;
  const primary = now.topology.primary?.address;
  const reads = (metrics, ofPrimary) => metrics.all("tidegate_routed_total")
    .filter(({ labels }) => labels.reason !== "write" && (labels.node === primary) === ofPrimary)
    .reduce((sum, one) => sum + one.value, 0);
  show("streams",
    stream(moments, "writes", (metrics) => metrics.sum("tidegate_routed_total", { reason: "write" }) ?? 0),
    stream(moments, "reads from replicas", (metrics) => reads(metrics, false)),
    stream(moments, "reads from the primary", (metrics) => reads(metrics, true)),
    stream(moments, "answered by the proxy", (metrics) => metrics.sum("tidegate_local_answers_total") ?? 0));
  rows("traffic", lines(before, now, DURATION + "_count", ["level", "group", "node"]).map(([labels, perSecond]) => {
    const [p50, p99] = quantiles(before.metrics, now.metrics, DURATION, labels, [0.5, 0.99]);
    return [labels.level, labels.group, labels.node, count(perSecond), duration(p50), duration(p99)];
  }), 3);
  rows("reasons", lines(before, now, "tidegate_routed_total", ["node", "reason"])
    .map(([labels, perSecond]) => [labels.node, labels.reason.replaceAll("_", " "), count(perSecond)]), 2);
}

function stream(moments, name, counter) {
  const perSecond = moments.rates(({ metrics }) => counter(metrics));
  const { before, now } = moments;
  const seconds = now.metrics.seconds - before.metrics.seconds;
  const current = seconds > 0 ? Math.max(0, counter(now.metrics) - counter(before.metrics)) / seconds : NaN;
  return el("li", { class: "tile" },
    el("span", { class: "name" }, name),
    el("strong", {}, `${count(current)}/s`),
    sparkline(perSecond, `${name} per second, the last two minutes`, moments.points));
}

/** Each combination of labels that ever counted while this page was open or before, with its rate, in a stable order. */
function lines(before, now, name, labels) {
  const found = [];
  for (const one of now.metrics.all(name)) {
    if (one.value > 0) {
      const wanted = Object.fromEntries(labels.map((label) => [label, one.labels[label]]));
      const perSecond = rate(before.metrics, now.metrics, name, wanted);
      const key = name + JSON.stringify(wanted);
      if (perSecond > 0 || seen.has(key)) {
        seen.set(key, true);
        found.push([key, wanted, perSecond]);
      }
    }
  }
  return found.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true })).map(([, wanted, perSecond]) => [wanted, perSecond]);
}

/** Fills a table; the first cells are words and the rest numbers. */
export function rows(id, cells, words) {
  const body = document.querySelector(`#${id} tbody`);
  const columns = document.querySelectorAll(`#${id} thead th`).length;
  if (cells.length === 0) {
    body.replaceChildren(el("tr", {}, el("td", { colspan: columns, class: "none" }, "nothing")));
    return;
  }
  body.replaceChildren(...cells.map((row) => el("tr", {},
    el("th", { scope: "row" }, row[0]),
    ...row.slice(1).map((cell, index) => el("td", { class: index + 1 < words ? false : "n" }, cell)))));
}
