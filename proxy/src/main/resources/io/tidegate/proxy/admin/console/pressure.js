// What is near a limit, and what clients were told because of one.

import { quantiles } from "./metrics.js";
import { bar, bytes, count, duration, el, show } from "./draw.js";
import { rows } from "./traffic.js";

const LIMITS = [
  ["clients", "tidegate_client_connections", "clients.connections-max", count],
  ["held requests", "tidegate_held_requests", "hold.requests-max", count],
  ["held bytes", "tidegate_held_bytes", "hold.bytes-max", bytes],
  ["parked replies", "tidegate_parked_replies", "park.replies-max", count],
  ["parked bytes", "tidegate_parked_bytes", "park.bytes-max", bytes],
];

const TROUBLE = [
  ["tidegate_errors_total", "error answered", "error"],
  ["tidegate_refusals_total", "refused by a server", "error"],
  ["tidegate_client_connections_refused_total", "client turned away", "reason"],
  ["tidegate_client_connections_too_slow_total", "client too slow"],
  ["tidegate_upstream_connections_refused_total", "connection to a node not opened"],
  ["tidegate_holds_total", "requests held"],
  ["tidegate_replayed_total", "requests sent again"],
  ["tidegate_gone_total", "pipelines sent again to a new primary"],
  ["tidegate_stream_lost_bytes_total", "bytes of stream lost"],
  ["tidegate_primary_restarts_total", "primary restarted"],
  ["tidegate_warnings_total", "warned", "kind"],
];

export function pressure({ before, now }) {
  const tiles = LIMITS.map(([name, meter, setting, words]) => {
    const used = now.metrics.sum(meter);
    const most = now.metrics.sum("tidegate_limit", { setting });
    const share = most > 0 ? used / most : 0;
    const text = `${words(used)} of ${words(most)}`;
    return el("li", { class: "tile" },
      el("span", { class: "name" }, name),
      el("strong", {}, words(used)),
      bar(share, share > 0.9 ? "bad" : share > 0.6 ? "warn" : "good", `${name}: ${text}`),
      el("small", {}, `of ${words(most)} (${setting})`));
  });
  tiles.push(el("li", { class: "tile" },
    el("span", { class: "name" }, "connections to nodes"),
    el("strong", {}, count(now.metrics.sum("tidegate_upstream_connections"))),
    el("small", {}, `${count(now.metrics.sum("tidegate_upstream_connections_lent"))} of them lent to one client`)));
  const [late] = quantiles(before.metrics, now.metrics, "tidegate_loop_delay_seconds", {}, [0.99]);
  tiles.push(el("li", { class: "tile" },
    el("span", { class: "name" }, "event loops late by"),
    el("strong", {}, duration(late)),
    el("small", {}, "p99")));
  show("limits", ...tiles);
  rows("trouble", TROUBLE.flatMap(([meter, what, label]) => now.metrics.all(meter)
    .filter((one) => one.value > 0)
    .map((one) => [what, label ? (one.labels[label] ?? "").replaceAll("_", " ") : "", count(one.value)])), 2);
}
