// What this proxy was told, by whom; asked for when somebody opens it.

import { rows } from "./traffic.js";

export function configuration(ask) {
  document.getElementById("config-details").addEventListener("toggle", async ({ target }) => {
    if (target.open) {
      const all = await ask("config").then((answer) => answer.json());
      const given = all.filter((one) => one.from !== "default");
      const standard = all.filter((one) => one.from === "default");
      rows("config", [...given, ...standard].map((one) => [one.setting, one.value, one.from]), 3);
    }
  });
}
