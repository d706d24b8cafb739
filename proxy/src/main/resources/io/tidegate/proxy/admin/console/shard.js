// Who is primary and how that is proven, who replicates, who votes.

import { quantiles, rate } from "./metrics.js";
import { bar, bytes, count, duration, el, pairs, show, sparkline } from "./draw.js";

/** A lease is drawn against this: what one lasts right after the sentinels' reports. */
const LEASE_FULL_MILLIS = 5000;

const GATES = {
  open: ["good", "writes open"],
  no_claim: ["bad", "no primary is proven: requests wait"],
  fenced: ["bad", "fenced: writes wait"],
  cutting_over: ["warn", "another node is being promoted: writes wait"],
  split: ["bad", "two nodes claim to be primary: no writes"],
};

export function gate(topology) {
  const [level, words] = GATES[topology.gate] ?? ["bad", `writes shut: ${topology.gate.replaceAll("_", " ")}`];
  const pill = document.getElementById("gate");
  pill.className = `pill ${level}`;
  if (pill.textContent !== words) {
    pill.textContent = words; // said aloud by a screen reader when it changes, and only then
  }
  document.title = level === "good" ? "Tidegate" : `⚠ ${words} – Tidegate`;
}

export function shard(moments) {
  const { topology } = moments.now;
  show("proof", ...proof(moments));
  const nodes = [];
  if (topology.primary) {
    nodes.push(node(moments, topology.primary, "primary", topology.primaryLost ? ["bad", "lost"] : ["good", "in use"]));
  }
  if (topology.successor) {
    nodes.push(node(moments, topology.successor, "successor", ["warn", `promoted, epoch ${topology.successor.epoch}`]));
  }
  for (const replica of topology.replicas) {
    const well = replica.health === "eligible";
    nodes.push(node(moments, replica, "replica", [well ? "good" : "warn", well ? "serves reads" : replica.explanation]));
  }
  show("nodes", ...nodes);
  show("sentinels", ...topology.sentinels.map((one) =>
    el("li", { class: one.up ? "good" : "bad" }, `sentinel ${one.address}: ${one.up ? "answers" : "does not answer"}`)));
}

function proof(moments) {
  const { leaseMillis } = moments.now.topology;
  if (leaseMillis === null) {
    return [el("p", {}, "No claim is proven in advance: there is none, or its fence needs no lease.")];
  }
  if (leaseMillis <= 0) {
    return [el("p", {}, `No lease at this moment: confirmed ${duration(-leaseMillis / 1000)} ago, by asking after each reply.`)];
  }
  const words = `Lease: proven for the next ${duration(leaseMillis / 1000)}`;
  return [el("p", {}, words), bar(leaseMillis / LEASE_FULL_MILLIS, leaseMillis > 500 ? "good" : "warn", words)];
}

function node(moments, one, role, [level, words]) {
  const { before, now } = moments;
  const of = { node: one.address };
  const served = rate(before.metrics, now.metrics, "tidegate_routed_total", of);
  const [p50, p99] = quantiles(before.metrics, now.metrics, "tidegate_upstream_duration_seconds", of, [0.5, 0.99]);
  const facts = [
    ["requests", `${count(served)}/s`],
    ["answers in", p50 === undefined ? "–" : `${duration(p50)}, p99 ${duration(p99)}`],
  ];
  const line = role === "replica"
    ? sparkline(moments.series((topology) => age(topology, one.address)),
      `age of what ${one.address} holds, the last two minutes`, moments.points)
    : sparkline(moments.rates(({ metrics }) => metrics.sum("tidegate_routed_total", of) ?? 0),
      `requests per second to ${one.address}, the last two minutes`, moments.points);
  if (role === "replica") {
    facts.unshift(["holds all up to", one.asOfAgeMillis === null ? "unknown" : `${duration(one.asOfAgeMillis / 1000)} ago`]);
  }
  facts.push(...backend(now.metrics, one.address, role));
  return el("li", { class: `node ${role}` },
    el("div", { class: "head" }, el("span", { class: "role" }, role), el("span", { class: `pill ${level}` }, words)),
    el("h3", {}, one.address),
    el("dl", {}, ...pairs(facts)),
    line);
}

function age(topology, address) {
  const replica = topology.replicas.find((one) => one.address === address);
  return replica?.asOfAgeMillis ?? undefined;
}

/** What the node says of itself; nothing with metrics.backend off, or before the first answer. */
function backend(metrics, address, role) {
  const of = { node: address };
  const memory = metrics.sum("redis_memory_used_bytes", of);
  if (memory === undefined) {
    return [];
  }
  const most = metrics.sum("redis_memory_max_bytes", of);
  const facts = [
    ["keys", count(metrics.sum("redis_db_keys", of) ?? 0)],
    ["memory", most > 0 ? `${bytes(memory)} of ${bytes(most)}` : bytes(memory)],
    ["its clients", count(metrics.sum("redis_connected_clients", of))],
  ];
  if (role === "replica") {
    facts.push(["link to primary", metrics.sum("redis_master_link_up", of) === 1 ? "up" : "down"]);
  }
  return facts;
}
