// What an operator can have done here. The token is in its field and nowhere else, and goes out in a header.

import { el, show } from "./draw.js";

const form = document.getElementById("actions");
const field = (name) => form.elements.namedItem(name);

let topology;
let choices = "";

/** What must be typed: whom it is about. */
function target() {
  switch (field("action").value) {
    case "switchover":
      return topology?.primary?.address ?? "";
    case "release":
      return field("node").value;
    default:
      return topology?.listeners[0]?.address ?? "";
  }
}

function query() {
  const wanted = new URLSearchParams();
  switch (field("action").value) {
    case "switchover":
      wanted.set("from", target());
      if (field("node").value !== "") {
        wanted.set("to", field("node").value);
      }
      if (field("dry").checked) {
        wanted.set("dry-run", "");
      }
      break;
    case "release":
      wanted.set("node", target());
      break;
    default:
      wanted.set("listener", target());
  }
  return wanted;
}

function fit() {
  const action = field("action").value;
  document.getElementById("action-node").hidden = action === "drain";
  document.getElementById("action-dry").hidden = action !== "switchover";
  document.getElementById("action-target").textContent = target() || "nothing there is";
  const confirmed = target() !== "" && field("confirm").value.trim() === target();
  field("do").disabled = !confirmed || field("token").value === "";
}

/** Nodes to choose from, as they are now; a choice that was made stays. */
export function actors({ now }) {
  topology = now.topology;
  const nodes = [topology.primary, topology.successor, ...topology.replicas].filter(Boolean).map((one) => one.address);
  const replicas = topology.replicas.map((one) => one.address);
  const action = field("action").value;
  const offered = action === "release" ? nodes : ["", ...replicas];
  if (choices !== action + offered.join()) {
    choices = action + offered.join();
    const before = field("node").value;
    field("node").replaceChildren(...offered.map((one) => el("option", { value: one }, one === "" ? "whoever is fit" : one)));
    field("node").value = offered.includes(before) ? before : offered[0] ?? "";
  }
  fit();
}

/** What /actions says. */
export function told([{ token, last }]) {
  form.hidden = token !== "set";
  document.getElementById("actions-none").hidden = token === "set";
  if (last !== null) {
    show("action-told",
      el("li", {}, el("strong", {}, `${last.action} ${last.target}: ${last.state}`)),
      ...last.told.split("\n").filter(Boolean).map((line) => el("li", {}, line)));
  }
}

export function actions(ask, moments) {
  form.addEventListener("input", () => (moments.now === undefined ? fit() : actors(moments)));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = `actions/${field("action").value}?${query()}`;
    field("confirm").value = "";
    fit();
    const said = document.getElementById("action-said");
    try {
      const answer = await fetch(wanted, {
        method: "POST",
        cache: "no-store",
        headers: { Authorization: `Bearer ${field("token").value}` },
      });
      said.textContent = (await answer.text()).trim();
      said.className = answer.ok ? "" : "bad";
      told(await ask("actions").then((one) => one.json()));
    } catch (error) {
      said.textContent = error.message;
      said.className = "bad";
    }
  });
}
