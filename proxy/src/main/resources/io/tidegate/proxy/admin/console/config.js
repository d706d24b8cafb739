// What this proxy was told, by whom; asked for when somebody opens it.

import { rows } from "./traffic.js";

export function configuration(ask) {
  document.getElementById("config-details").addEventListener("toggle", async ({ target }) => {
    if (target.open) {
      const all = await ask("config").then((answer) => answer.json());
      const ofDefault = (one) => one.from === "default" && one.waiting === null;
      const given = all.filter((one) => !ofDefault(one));
      const standard = all.filter(ofDefault);
      const value = (one) => (one.waiting === null ? one.value : `${one.value} (after a restart: ${one.waiting})`);
      rows("config", [...given, ...standard].map((one) => [one.setting, value(one), one.from]), 3);
    }
  });
}
