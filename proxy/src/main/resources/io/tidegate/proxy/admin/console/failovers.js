// What happened to the primary, the last first: words, and the phases on a line.

import { count, duration, el, pairs, show, svg } from "./draw.js";

const WIDTH = 600;
/** Of one that is not over nobody knows yet whether it is one. */
const OUTCOMES = { kept: "kept", "under-way": "in doubt" };
let shown = "";

export function failovers({ now }) {
  const latest = now.topology.failovers;
  // Drawn anew only if there is another, or its age is another in words: who reads a line should not lose the place.
  const state = JSON.stringify(latest.map((one) => [one.epoch, one.outcome, ago(one), one.phasesAfterMillis]));
  if (state === shown) {
    return;
  }
  shown = state;
  if (latest.length === 0) {
    show("failovers", el("li", { class: "none" }, "none since the start"));
    return;
  }
  show("failovers", ...latest.toReversed().map((one) => el("li", {},
    el("h3", {}, title(one)),
    timeline(one.phasesAfterMillis),
    el("dl", {}, ...pairs(facts(one))))));
}

const ago = (one) => duration(one.beganAgoMillis / 1000);

function title(one) {
  const [old, next] = [one.from ?? "nobody", one.to];
  const what = one.outcome === "switched" ? `${old} → ${next}` : `${one.from ?? next} ${OUTCOMES[one.outcome] ?? one.outcome}`;
  return `${what}, ${one.kind}, ${ago(one)} ago`;
}

function facts(one) {
  const all = [
    ["why", one.evidence],
    ["epoch", one.epoch],
    ["writes paused", milliseconds(one.pauseMillis)],
    ["longest wait", milliseconds(one.longestWaitMillis)],
    ["held, parked", `${count(one.held)}, ${count(one.parked)}`],
    ["uncertain", count(one.uncertain)],
    ["sent again", count(one.replayed)],
  ];
  const risk = one.atRisk;
  if (risk) {
    all.push(["acknowledged writes at risk", risk.writesAtMost === null
      ? `at least ${count(risk.writesAtLeast)}`
      : `${count(risk.writesAtLeast)} to ${count(risk.writesAtMost)}`]);
  }
  return all.filter(([, text]) => text !== null && text !== undefined).map(([term, text]) => [term, String(text)]);
}

const milliseconds = (number) => (Number.isFinite(number) ? duration(number / 1000) : undefined);

function timeline(phases) {
  const points = Object.entries(phases ?? {}).filter(([, after]) => Number.isFinite(after)).sort((a, b) => a[1] - b[1]);
  const last = points.at(-1)?.[1] ?? 0;
  if (last <= 0) {
    return undefined;
  }
  const x = (after) => (Math.max(0, after) / last) * (WIDTH - 12) + 6;
  const words = (name) => name.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
  const spoken = points.map(([name, after]) => `${words(name)} after ${duration(after / 1000)}`).join(", ");
  return el("div", {},
    svg("svg", { viewBox: `0 0 ${WIDTH} 16`, class: "line", role: "img", preserveAspectRatio: "none" },
      svg("title", {}, spoken),
      svg("path", { d: `M6 8H${WIDTH - 6}`, class: "axis" }),
      svg("path", { d: points.map(([, after]) => `M${x(after).toFixed(1)} 2V14`).join("") })),
    el("ol", { class: "phases" }, ...points.map(([name, after]) =>
      el("li", {}, el("span", {}, words(name)), el("strong", {}, duration(after / 1000))))));
}
