"use strict";

// Tables: a click on a heading sorts by it, numbers as numbers, cells without a value last.
function sortValue(cell) {
  const text = cell.dataset.value ?? cell.textContent.trim();
  const number = parseFloat(text.replace("\u2212", "-").replaceAll(",", "").replace(/^< /, ""));
  if (text === "" || text === "\u2013") return null;
  return Number.isNaN(number) ? text : number;
}

function compareValues(a, b) {
  if (a === null || b === null) return 0;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function sortTable(heading) {
  const table = heading.closest("table"), column = heading.cellIndex;
  const direction = heading.getAttribute("aria-sort") === "descending" ? "ascending" : "descending";
  table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
  heading.setAttribute("aria-sort", direction);
  const sign = direction === "ascending" ? 1 : -1;
  const rows = [...table.tBodies[0].rows].map((row) => ({ row, value: sortValue(row.cells[column]) }));
  rows.sort((a, b) => (a.value === null) - (b.value === null) || sign * compareValues(a.value, b.value));
  table.tBodies[0].append(...rows.map((entry) => entry.row));
}

document.querySelectorAll("table.sortable thead button").forEach((button) => {
  button.addEventListener("click", () => sortTable(button.closest("th")));
});

// Figures: both formats come from the picture on the page itself, so they can be had wherever it lies.
function save(address, name) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
}

// The file as it is stored: light, and without the variables by which the page changes its colours (drawings.py).
function lightDrawing(address) {
  if (!address.startsWith("data:image/svg")) return address;
  const text = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  const plain = text.replace(/<style>:root.*?<\/style>/, "").replace(/var\(--(\w{6})\)/g, "#$1");
  return `data:image/svg+xml,${encodeURIComponent(plain)}`;
}

document.querySelectorAll("[data-download]").forEach((link) => {
  const picture = link.closest("figure").querySelector("img");
  link.addEventListener("click", (event) => {
    event.preventDefault();
    save(lightDrawing(picture.src), `${link.dataset.download}.svg`);
  });
});

document.querySelectorAll("[data-png]").forEach((button) => {
  const picture = button.closest("figure").querySelector("img");
  button.addEventListener("click", async () => {
    const drawing = new Image(), scale = picture.src.startsWith("data:image/svg") ? 2 : 1;
    drawing.src = lightDrawing(picture.src);
    await drawing.decode();
    const canvas = document.createElement("canvas");
    canvas.width = drawing.naturalWidth * scale;
    canvas.height = drawing.naturalHeight * scale;
    canvas.getContext("2d").drawImage(drawing, 0, 0, canvas.width, canvas.height);
    save(canvas.toDataURL("image/png"), `${button.dataset.png}.png`);
  });
});

// A box that scrolls says so (page.css) and can be reached with the keyboard; one that does not is left out.
const boxes = new ResizeObserver((entries) => entries.forEach(({ target }) => {
  const across = target.scrollWidth > target.clientWidth + 1, down = target.scrollHeight > target.clientHeight + 1;
  if (across || down) {
    target.tabIndex = 0;
    target.dataset.overflows = (across ? "\u2194" : "") + (down ? "\u2195" : "");
  } else {
    target.removeAttribute("tabindex");
    delete target.dataset.overflows;
  }
}));
document.querySelectorAll(".scroll").forEach((box) => boxes.observe(box));

// A link into a folded part opens it.
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target?.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
  target?.scrollIntoView();
}
window.addEventListener("hashchange", openTarget);
openTarget();

// The case explorer.
let explorers = {};
const control = (name) => document.getElementById(`choose-${name}`);
const PAGE = matchMedia("(max-width: 40rem)").matches ? 8 : 24;
// Freeman chain codes: benchmarks/reporting/figures/outlines.py says how to read them.
const STEPS = { a: [2, 0], b: [1, 1], c: [0, 2], d: [-1, 1], e: [-2, 0], f: [-1, -1], g: [0, -2], h: [1, -1] };
let shown = PAGE, withImages = {};

function fill(select, values, chosen) {
  select.replaceChildren(...values.map((value) => new Option(value, value, false, value === chosen)));
}

// The benchmarks, by dataset.
function fillBenchmarks(select) {
  const names = Object.keys(explorers), datasets = new Set(names.map((name) => explorers[name].dataset));
  select.replaceChildren(...[...datasets].map((dataset) => {
    const own = names.filter((name) => explorers[name].dataset === dataset);
    return element("optgroup", { label: dataset }, ...own.map((name) => new Option(name)));
  }));
}

function svgPath(code) {
  return code.split(" ").map((polygon) => {
    const [, x, y, steps] = polygon.match(/^(\d+),(\d+)(.*)$/);
    const lines = steps.replace(/([a-h])(\d*)/g, (_, step, times) => `l${STEPS[step].map((n) => n * (times || 1))}`);
    return `M${x} ${y}${lines}z`;
  }).join("");
}

function chooseBenchmark() {
  const { models } = explorers[control("benchmark").value];
  const names = Object.keys(models);
  const segments = names.filter((name) => models[name].outline.some((path) => path !== null));
  const left = segments[0] ?? names[0];
  fill(control("left"), names, left);
  fill(control("right"), names, segments[1] ?? names.find((name) => name !== left) ?? left);
}

function wrongClass(probability, malignant) {
  return probability !== null && (probability > 0.5) !== (malignant === 1);
}

function chosenCases(data, left, right) {
  const wanted = control("class").value, error = control("error").value;
  const low = parseFloat(control("low").value) || 0, high = parseFloat(control("high").value || "1");
  const keeps = {
    "": () => true,
    class: (i) => wrongClass(left.probability[i], data.cases[i].malignant),
    dice: (i) => left.dice[i] !== null && left.dice[i] < 0.5,
    empty: (i) => left.outline[i] === "",
    disagree: (i) => left.probability[i] !== null && right.probability[i] !== null
      && (left.probability[i] > 0.5) !== (right.probability[i] > 0.5),
  };
  const all = low <= 0 && high >= 1;
  return data.cases.map((_, i) => i).filter((i) =>
    (wanted === "" || String(data.cases[i].malignant) === wanted)
    && keeps[error](i)
    && (all || (left.dice[i] !== null && left.dice[i] >= low && left.dice[i] <= high)));
}

function sorted(indices, data, left, right) {
  const missing = (value, last) => (value === null || value === undefined || Number.isNaN(value) ? last : value);
  const keys = {
    dice: (i) => missing(left.dice[i], 2),
    "dice-down": (i) => -missing(left.dice[i], -2),
    gap: (i) => (left.dice[i] === null || right.dice[i] === null ? 1 : -Math.abs(left.dice[i] - right.dice[i])),
    probability: (i) => (left.probability[i] === null ? 1 : -Math.abs(left.probability[i] - data.cases[i].malignant)),
    area: (i) => missing(data.cases[i].area, 2),
    name: (i) => i,
  };
  const key = keys[control("sort").value];
  return indices.sort((a, b) => key(a) - key(b) || a - b);
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function picture(data, index, model, side) {
  const facts = data.cases[index];
  const box = element("div", { className: `picture ${side}` });
  box.style.aspectRatio = `${facts.width ?? 1} / ${facts.height ?? 1}`;
  if (withImages[data.local]) {
    box.classList.add("with-image");
    const image = element("img", { src: `${data.local}/${encodeURIComponent(facts.name)}.jpg`, alt: "", loading: "lazy" });
    image.addEventListener("error", () => { image.remove(); box.classList.remove("with-image"); });
    box.append(image);
  }
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const size = 2 * (facts.grid ?? 1);
  drawing.setAttribute("viewBox", `0 0 ${size} ${size}`);
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", `Outlines of ${facts.name}: truth${model.outline[index] ? " and prediction" : " alone"}`);
  for (const [kind, code] of [["truth", facts.outline], ["prediction", model.outline[index]]]) {
    if (!code) continue;
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("class", kind);
    line.setAttribute("d", svgPath(code));
    drawing.append(line);
  }
  box.append(drawing);
  return box;
}

function scores(data, index, model) {
  const lines = [];
  if (model.dice[index] !== null) {
    const penalty = model.outline[index] === "" ? " (penalty: the image's diagonal)" : "";
    const distance = model.hd95[index] === null ? "" : `, HD95 ${model.hd95[index].toFixed(0)} px${penalty}`;
    lines.push(element("div", { textContent: `Dice ${model.dice[index].toFixed(2)}${distance}` }));
  }
  if (model.outline[index] === "") lines.push(element("div", { className: "wrong", textContent: "finds nothing" }));
  const probability = model.probability[index];
  if (probability !== null) {
    const wrong = wrongClass(probability, data.cases[index].malignant);
    const text = `malignant ${(100 * probability).toFixed(0)}%${wrong ? ", wrong" : ""}`;
    lines.push(element("div", { className: wrong ? "wrong" : "", textContent: text }));
  }
  return lines;
}

// A name breaks between its words alone, not at a hyphen.
function unbroken(name) {
  return name.split(" ").flatMap((word) => [element("span", { className: "unbroken", textContent: word }), " "]).slice(0, -1);
}

function card(data, index, names) {
  const facts = data.cases[index];
  const sides = names.map((name, i) => {
    const model = data.models[name];
    return element("div", {}, picture(data, index, model, i ? "right" : "left"),
      element("b", {}, ...unbroken(name)), ...scores(data, index, model));
  });
  const title = element("h3", {}, `${facts.name} `, element("span", { textContent: facts.class }));
  return element("li", {}, title, element("div", { className: "pair" }, ...sides));
}

function explore() {
  const data = explorers[control("benchmark").value];
  const names = [control("left").value, control("right").value];
  const [left, right] = names.map((name) => data.models[name]);
  const indices = sorted(chosenCases(data, left, right), data, left, right);
  document.getElementById("cases").replaceChildren(...indices.slice(0, shown).map((i) => card(data, i, names)));
  const seeds = data.seeds > 1 ? ` Scores are means over ${data.seeds} seeds, outlines those of seed ${data.seed}.` : "";
  document.getElementById("explorer-count").textContent =
    `${indices.length} of ${data.cases.length} cases, ${Math.min(shown, indices.length)} shown.${seeds}`;
  document.getElementById("more").hidden = indices.length <= shown;
}

function restart() {
  shown = PAGE;
  explore();
}

// One look for one local image tells whether this machine has any.
function lookForImages(data) {
  if (data.local in withImages || !data.cases.length) return;
  withImages[data.local] = false;
  const probe = new Image();
  probe.addEventListener("load", () => { withImages[data.local] = true; explore(); });
  probe.src = `${data.local}/${encodeURIComponent(data.cases[0].name)}.jpg`;
}

// The data are packed (gzip, base64), and unpacked when the reader comes near.
async function unpack() {
  const packed = Uint8Array.from(atob(document.getElementById("explorer-data").textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

let started;
function start() {
  started ??= unpack().then((data) => { explorers = data; openExplorer(); }, () => {
    document.getElementById("explorer-count").textContent = "This browser cannot unpack the cases: a newer one can.";
  });
  return started;
}

function openExplorer() {
  if (!Object.keys(explorers).length) return;
  fillBenchmarks(control("benchmark"));
  chooseBenchmark();
  control("benchmark").addEventListener("change", () => {
    chooseBenchmark();
    lookForImages(explorers[control("benchmark").value]);
    restart();
  });
  for (const name of ["left", "right", "class", "error", "sort", "low", "high"]) {
    control(name).addEventListener("change", restart);
  }
  document.getElementById("more").addEventListener("click", () => { shown += PAGE; explore(); });
  document.querySelector(".controls").addEventListener("submit", (event) => event.preventDefault());
  explore();
  lookForImages(explorers[control("benchmark").value]);
}

document.querySelectorAll(".worst").forEach((button) => button.addEventListener("click", async () => {
  await start();
  control("benchmark").value = button.dataset.benchmark;
  chooseBenchmark();
  control("left").value = button.dataset.model;
  control("sort").value = "dice";
  control("error").value = control("class").value = "";
  restart();
  document.getElementById("explorer-cases").open = true;
  document.getElementById("explorer").scrollIntoView();
}));
new IntersectionObserver((entries, observer) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  observer.disconnect();
  start();
}, { rootMargin: "1500px" }).observe(document.getElementById("explorer-count"));
addEventListener("beforeprint", start);
