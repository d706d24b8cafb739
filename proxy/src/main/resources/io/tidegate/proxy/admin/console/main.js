// Asks once a second, keeps two minutes, and has each part of the page drawn.

import { actions, actors } from "./actions.js";
import { configuration } from "./config.js";
import { explainer } from "./explain.js";
import { failovers } from "./failovers.js";
import { insight } from "./insight.js";
import { Metrics } from "./metrics.js";
import { pressure } from "./pressure.js";
import { gate, shard } from "./shard.js";
import { traffic } from "./traffic.js";
import { count, duration, el, pairs, show } from "./draw.js";

const EVERY_MILLIS = 1000;
const ANSWER_MILLIS_MAX = 5000;
const POINTS = 120;

/** Rates and quantiles are of this many moments; long enough to be steady, short enough to see a change. */
const WINDOW = 5;

/** Oldest first. */
const history = [];
let answeredAt;

const moments = {
  points: POINTS,
  get now() {
    return history.at(-1);
  },
  get before() {
    return history.at(-1 - WINDOW) ?? history[0];
  },
  /** One value of each moment. */
  series: (of) => history.map(({ topology }) => of(topology)),
  /** What a counter counted per second, between each moment and the next. */
  rates: (counter) => history.slice(1).map((moment, index) => {
    const earlier = history[index];
    return Math.max(0, counter(moment) - counter(earlier)) / (moment.metrics.seconds - earlier.metrics.seconds);
  }),
};

async function ask(path) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(ANSWER_MILLIS_MAX) });
  if (!answer.ok) {
    const said = answer.status === 400 ? await answer.text() : "";
    throw new Error(`${path.split("?")[0]}: ${answer.status} ${said}`.trimEnd());
  }
  return answer;
}

async function look() {
  const [topology, metrics] = await Promise.all([
    ask("topology").then((answer) => answer.json()),
    ask("metrics").then((answer) => answer.text()),
  ]);
  const moment = { topology, metrics: new Metrics(metrics, performance.now() / 1000) };
  const started = (one) => one.metrics.sum("process_start_time_seconds");
  if (history.length > 0 && started(history.at(-1)) !== started(moment)) {
    history.length = 0; // another process: its counters began anew
  }
  history.push(moment);
  if (history.length > POINTS) {
    history.shift();
  }
  answeredAt = Date.now();
}

function draw() {
  const { topology, metrics } = moments.now;
  gate(topology);
  show("vitals", ...pairs([
    ["epoch", String(topology.epoch)],
    ["clients", count(metrics.sum("tidegate_client_connections"))],
    ["held", count(metrics.sum("tidegate_held_requests"))],
    ["up for", duration(metrics.sum("process_uptime_seconds"))],
  ]));
  document.getElementById("warnings-section").hidden = topology.warnings.length === 0;
  show("warnings", ...topology.warnings.map((one) =>
    el("li", {}, el("strong", {}, one.kind.replaceAll("_", " ")), ` ${one.text}`, el("small", {}, one.remedy ?? ""))));
  shard(moments);
  traffic(moments);
  pressure(moments);
  failovers(moments);
  actors(moments);
  show("listeners", ...topology.listeners.map((one) =>
    el("li", { class: "tile" }, el("span", { class: "name" }, one.consistency), el("strong", {}, one.address))));
}

function lost(error) {
  const notice = document.getElementById("lost");
  notice.hidden = error === undefined;
  document.body.classList.toggle("stale", error !== undefined);
  if (error !== undefined) {
    const since = answeredAt === undefined ? "yet" : `since ${new Date(answeredAt).toLocaleTimeString()}`;
    notice.textContent = `No answer ${since}. What is below is as it was then. (${error.message})`;
    document.getElementById("gate").className = "pill bad";
    document.getElementById("gate").textContent = "no answer";
  }
}

async function run() {
  for (;;) {
    if (!document.hidden) {
      try {
        await look();
        draw();
        await insight(ask);
        lost(undefined);
      } catch (error) {
        lost(error);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MILLIS));
  }
}

configuration(ask);
explainer(ask);
actions(ask, moments);
run();
