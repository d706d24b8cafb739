// Elements and words. All text goes in as text: what a server calls itself is never markup.

export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, one] of Object.entries(properties)) {
    if (one !== undefined && one !== false) {
      element.setAttribute(name, one === true ? "" : one);
    }
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

export function show(id, ...children) {
  document.getElementById(id).replaceChildren(...children);
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, one] of Object.entries(attributes)) {
    element.setAttribute(name, one);
  }
  element.append(...children);
  return element;
}

/** The last values as a line, from zero to the highest; where there is none, it is broken. */
export function sparkline(values, label, points) {
  const width = 200;
  const height = 36;
  const highest = Math.max(...values.filter(Number.isFinite), 0) || 1;
  let path = "";
  let pen = "M";
  values.forEach((one, index) => {
    if (Number.isFinite(one)) {
      const x = width - ((values.length - 1 - index) * width) / (points - 1);
      path += `${pen}${x.toFixed(1)} ${(height - 2 - (one / highest) * (height - 4)).toFixed(1)}`;
      pen = "L";
    } else {
      pen = "M";
    }
  });
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "spark", role: "img", preserveAspectRatio: "none" });
  picture.append(svg("title", {}, label), svg("path", { d: path }));
  return picture;
}

/** How full something is, from 0 to 1. */
export function bar(share, level, label) {
  const fill = el("span", { class: "fill" });
  fill.style.inlineSize = `${(Math.min(1, Math.max(0, share)) * 100).toFixed(1)}%`;
  return el("span", { class: `bar ${level}`, role: "img", "aria-label": label }, fill);
}

export function pairs(entries) {
  return entries.map(([term, text]) => el("div", {}, el("dt", {}, term), el("dd", {}, text)));
}

export function count(number) {
  if (!Number.isFinite(number)) {
    return "–";
  }
  const digits = number !== 0 && Math.abs(number) < 10 && !Number.isInteger(number) ? 1 : 0;
  return number.toLocaleString("en", { maximumFractionDigits: digits });
}

export function bytes(number) {
  if (!Number.isFinite(number)) {
    return "–";
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) {
    number /= 1024;
    unit++;
  }
  return `${number.toFixed(number < 10 && unit > 0 ? 1 : 0)} ${units[unit]}`;
}

export function duration(seconds) {
  if (!Number.isFinite(seconds)) {
    return "–";
  }
  const size = Math.abs(seconds);
  if (size < 0.001) {
    return `${(seconds * 1e6).toFixed(0)} µs`;
  }
  if (size < 1) {
    return `${(seconds * 1e3).toFixed(size < 0.01 ? 1 : 0)} ms`;
  }
  if (size < 120) {
    return `${seconds.toFixed(size < 10 ? 2 : 0)} s`;
  }
  const units = [["d", 86400], ["h", 3600], ["min", 60]];
  const [unit, length] = units.find(([, one]) => size >= 2 * one) ?? units.at(-1);
  return `${(seconds / length).toFixed(0)} ${unit}`;
}
