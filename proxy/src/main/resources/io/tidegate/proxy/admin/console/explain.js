// Asks where a command would go. Nothing is sent to any node.

import { el, show } from "./draw.js";

export function explainer(ask) {
  document.getElementById("explain").addEventListener("submit", async (event) => {
    event.preventDefault();
    const asked = new FormData(event.target);
    const query = new URLSearchParams({ command: asked.get("command"), level: asked.get("level") });
    try {
      const answer = await ask(`explain?${query}`);
      const lines = (await answer.text()).trimEnd().split("\n");
      show("explained", ...lines.map((line) => el("li", {}, line)));
    } catch (error) {
      show("explained", el("li", { class: "bad" }, error.message));
    }
  });
}
