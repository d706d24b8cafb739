// Single commands, keys and clients: asked for more seldom than the figures, as they change less and say more.

import { told } from "./actions.js";
import { bytes, count, duration, show } from "./draw.js";
import { rows } from "./traffic.js";

const EVERY = 3;

/** What stands out on the page; the rest is a question to PROXY SLOWLOG or CLIENT LIST. */
const SHOWN = 12;

let looks = 0;

/** With every third look; `ask` brings an answer of the admin port. */
export async function insight(ask) {
  if (looks++ % EVERY !== 0) {
    return;
  }
  const [slow, hot, big, sessions, actions] = await Promise.all(
    ["slowlog", "hotkeys", "bigreplies", "sessions", "actions"].map((path) => ask(path).then((answer) => answer.json())));
  told(actions);
  const millis = (number) => duration(number / 1000);
  rows("slow", slow.slice(0, SHOWN).map((one) => [
    one.command, one.key ?? "", one.commands > 1 ? `first of ${count(one.commands)}` : "", one.node, one.level,
    one.name === "" ? one.client : `${one.client} ${one.name}`,
    millis(one.totalMillis), millis(one.queueMillis), millis(one.upstreamMillis), millis(one.parkedMillis),
    millis(one.endedAgoMillis)]), 6);
  rows("hot", hot.map((one) => [one.key, one.command, share(one)]), 2);
  rows("big", big.map((one) => [one.key, one.command, bytes(one.largestBytes), bytes(one.totalBytesAtMost)]), 2);
  const busy = sessions.filter((one) => one.ownConnection !== null || one.waits !== null);
  rows("sessions", busy.slice(0, SHOWN).map((one) => [
    one.name === "" ? one.address : `${one.address} ${one.name}`, one.user, one.level, one.last ?? "",
    one.ownConnection ?? "", one.waits ?? "", one.node ?? "", count(one.inFlight), millis(one.idleMillis)]), 7);
  const own = busy.filter((one) => one.ownConnection !== null).length;
  show("sessions-count", `${count(sessions.length)} looked at, ${count(own)} with a connection to a node of their own`);
}

function share({ percentAtLeast, percentAtMost }) {
  const [least, most] = [percentAtLeast, percentAtMost].map((one) => one.toFixed(1));
  return least === most ? `${most} %` : `${least} to ${most} %`;
}
