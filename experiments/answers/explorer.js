"use strict";
// The page's state is its address: rule, dose, future, outcome and language.
const data = JSON.parse(document.getElementById("itcho-data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const byId = (id) => document.getElementById(id);
let state = {};

function figure(value, signed) {
  if (!Number.isFinite(value)) return say("without_end");
  const shown = Number(value.toPrecision(2));
  if (shown === 0) return "0";
  const size = Math.min(Math.max(0, 1 - Math.floor(Math.log10(Math.abs(shown)))), 6);
  const text = Math.abs(shown).toLocaleString("en-US", { minimumFractionDigits: size, maximumFractionDigits: size });
  return (shown < 0 ? "−" : signed ? "+" : "") + text;
}

function say(key, filled = {}) {
  return data.words[state.lang][key].replace(/\{(\w+)\}/g, (_, name) => String(filled[name]));
}

const named = (thing) => thing.label[state.lang];
const family = () => data.families.find((one) => one.name === state.rule);
const policy = () => family().doses.find((one) => String(one.dose) === state.dose).policy;
const place = (list, name) => list.findIndex((one) => one.name === name);
const outcome = () => data.outcomes[place(data.outcomes, state.outcome)];

function rowOf(rule, scenario) {
  return data.rows.find((row) => row.policy === rule && row.scenario === scenario && row.outcome === state.outcome);
}

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const among = (key, names) => (names.includes(given.get(key)) ? given.get(key) : names[0]);
  state = {
    rule: among("rule", data.families.map((one) => one.name)),
    scenario: among("scenario", data.scenarios.map((one) => one.name)),
    outcome: among("outcome", data.outcomes.map((one) => one.name)),
    lang: among("lang", [data.lang, ...data.languages.map((one) => one.code)]),
  };
  state.dose = among("dose", family().doses.map((one) => String(one.dose)));
}

function go(changed) {
  const next = { ...state, ...changed };
  if (changed.rule && changed.rule !== state.rule) delete next.dose;
  location.hash = new URLSearchParams(next).toString();
}

function element(name, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function chooser(key, label, options) {
  const select = element("select", { id: `choose-${key}` });
  for (const [value, text] of options) {
    select.append(element("option", { value, textContent: text, selected: value === state[key] }));
  }
  select.addEventListener("change", () => go({ [key]: select.value }));
  return element("label", {}, label, select);
}

function showControls() {
  const focused = document.activeElement && document.activeElement.id;
  const copy = element("button", { type: "button", id: "copy", textContent: say("explorer:copy") });
  copy.addEventListener("click", () => navigator.clipboard && navigator.clipboard.writeText(location.href));
  byId("controls").replaceChildren(
    chooser("rule", say("explorer:rule"), data.families.map((one) => [one.name, named(one)])),
    chooser("dose", say("explorer:dose"), family().doses.map((one) => [String(one.dose), say("explorer:dose_times", one)])),
    chooser("scenario", say("explorer:future"), data.scenarios.map((one) => [one.name, named(one)])),
    chooser("outcome", say("explorer:outcome"), data.outcomes.map((one) => [one.name, named(one)])),
    chooser("lang", say("explorer:language"), data.languages.map((one) => [one.code, one.name])),
    copy,
  );
  if (focused && byId(focused)) byId(focused).focus();
}

function showWords() {
  const row = rowOf(policy(), state.scenario);
  const unit = outcome().unit[state.lang];
  byId("effect").textContent = say(`explorer:${row.verdict}`, {
    scenario: named(data.scenarios[place(data.scenarios, state.scenario)]),
    policy: named(family()),
    outcome: named(outcome()),
    effect: figure(row.mean_difference, true),
    low: row.simultaneous_low === null ? say("no_interval") : figure(row.simultaneous_low, true),
    high: row.simultaneous_high === null ? say("no_interval") : figure(row.simultaneous_high, true),
    unit,
  });
  const levels = { without: level(row.baseline_mean), with: level(row.policy_mean), worlds: row.n };
  const cost = data.costs[policy()][state.scenario];
  byId("levels").textContent = `${say("explorer:levels", levels)} ${say("explorer:cost", { cost: figure(cost) })}`;
}

const level = (value) => value.toLocaleString("en-US", { maximumFractionDigits: outcome().decimals }).replace("-", "−");

// Three to seven round numbers between two ends, and the decimals that tell them apart.
function roundPlaces(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((unit) => unit * power).find((size) => size >= rough * 0.999);
  const places = [];
  for (let count = Math.ceil(low / step - 1e-9); count * step <= high + 1e-9 * step; count += 1) places.push(count * step || 0);
  return { places, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

function chart(into, fans, zero) {
  const [width, height, left, bottom] = [520, 250, 54, 24];
  const every = fans.flatMap((fan) => fan.paths.flat()).concat(zero ? [0] : []);
  let [low, high] = [Math.min(...every), Math.max(...every)];
  if (low === high) [low, high] = [low - 1, high + 1];
  const x = (index) => left + (index * (width - left - 92)) / Math.max(1, data.years.length - 1);
  const y = (value) => 8 + ((high - value) / (high - low)) * (height - bottom - 14);
  const svg = drawn("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": into.previousSibling.textContent });
  const { places, decimals } = roundPlaces(low, high);
  for (const value of places) {
    svg.append(drawn("line", { class: "axis", x1: left, x2: width - 90, y1: y(value), y2: y(value) }));
    const text = drawn("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" });
    text.textContent = value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");
    svg.append(text);
  }
  if (zero) svg.append(drawn("line", { class: "zero", x1: left, x2: width - 90, y1: y(0), y2: y(0) }));
  data.years.forEach((year, index) => {
    if (index % 3 && index !== data.years.length - 1) return;
    const text = drawn("text", { x: x(index), y: height - 6, "text-anchor": "middle" });
    text.textContent = year;
    svg.append(text);
  });
  for (const fan of fans) {
    for (const [inner, outer, opacity] of [[0, 4, 0.13], [1, 3, 0.22]]) {
      const there = fan.paths[outer].map((value, index) => `${x(index)},${y(value)}`);
      const back = fan.paths[inner].map((value, index) => `${x(index)},${y(value)}`).reverse();
      svg.append(drawn("polygon", { points: [...there, ...back].join(" "), style: `fill:var(${fan.colour});opacity:${opacity}` }));
    }
    const points = fan.paths[2].map((value, index) => `${x(index)},${y(value)}`).join(" ");
    const dash = fan.dashed ? ";stroke-dasharray:5 4" : "";
    svg.append(drawn("polyline", { points, style: `fill:none;stroke:var(${fan.colour});stroke-width:2.2${dash}` }));
  }
  const ends = fans.map((fan) => y(fan.paths[2].at(-1)));
  if (ends.length > 1 && Math.abs(ends[0] - ends[1]) < 13) {
    const middle = (ends[0] + ends[1]) / 2;
    const sign = ends[0] <= ends[1] ? 1 : -1;
    [ends[0], ends[1]] = [middle - 7 * sign, middle + 7 * sign];
  }
  fans.forEach((fan, number) => {
    const text = drawn("text", { x: x(data.years.length - 1) + 5, y: ends[number] + 4, style: `fill:var(${fan.colour})` });
    text.textContent = fan.name;
    svg.append(text);
  });
  into.replaceChildren(svg);
}

function showCharts() {
  const at = data.fans[state.scenario][outcome().series];
  const unit = outcome().unit[state.lang];
  const plain = outcome().level_unit[state.lang];
  byId("level-title").textContent = say("explorer:level_chart", { outcome: outcome().plain[state.lang], unit: plain });
  byId("difference-title").textContent = say("explorer:difference_chart", { unit });
  byId("bands").textContent = say("explorer:bands");
  chart(byId("level-chart"), [
    { paths: at[data.baseline].level, colour: "--soft", name: say("explorer:without"), dashed: true },
    { paths: at[policy()].level, colour: "--up", name: say("explorer:with") },
  ]);
  chart(byId("difference-chart"), [{ paths: at[policy()].difference, colour: "--down", name: "" }], true);
}

function forest(into, lines) {
  const ends = lines.flatMap(({ row }) => [row.simultaneous_low, row.simultaneous_high, row.mean_difference, 0]);
  const finite = ends.filter((value) => value !== null && Number.isFinite(value));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const percent = (value) => `${(100 * (value - low)) / (high - low || 1)}%`;
  into.replaceChildren(
    ...lines.map(({ row, label, pressed, choose }) => {
      const track = element("span", { className: "track" });
      const mark = (kind, style) => {
        const made = element("i", { className: kind });
        Object.assign(made.style, style);
        track.append(made);
      };
      mark("mid", { left: percent(0) });
      if (row.simultaneous_low !== null && row.simultaneous_high !== null) {
        const wide = (100 * (row.simultaneous_high - row.simultaneous_low)) / (high - low || 1);
        mark("reach", { left: percent(row.simultaneous_low), width: `${wide}%` });
      }
      mark(row.verdict === "clear" ? "dot" : "dot unsure", { left: percent(row.mean_difference) });
      const value = element("span", { className: "value", textContent: figure(row.mean_difference, true) });
      const button = element("button", { type: "button" }, element("span", { textContent: label }), track, value);
      button.setAttribute("aria-pressed", pressed);
      button.addEventListener("click", choose);
      return button;
    }),
  );
}

function showForests() {
  byId("rules-title").textContent = say("explorer:all_rules");
  byId("futures-title").textContent = say("explorer:all_futures");
  byId("marks").textContent = say("explorer:marks", { unit: outcome().unit[state.lang] });
  forest(
    byId("rules"),
    data.families.flatMap((one) =>
      one.doses.map((dose) => ({
        row: rowOf(dose.policy, state.scenario),
        label: one.doses.length > 1 ? `${named(one)} ×${dose.dose}` : named(one),
        pressed: dose.policy === policy(),
        choose: () => go({ rule: one.name, dose: String(dose.dose) }),
      })),
    ),
  );
  forest(
    byId("futures"),
    data.scenarios.map((one) => ({
      row: rowOf(policy(), one.name),
      label: named(one),
      pressed: one.name === state.scenario,
      choose: () => go({ scenario: one.name }),
    })),
  );
}

function show() {
  readAddress();
  document.documentElement.lang = state.lang;
  byId("title").textContent = data.title[state.lang];
  byId("subtitle").textContent = data.subtitle[state.lang];
  showControls();
  showWords();
  showCharts();
  showForests();
  const items = (lines) => lines.map((text) => element("li", { textContent: text }));
  byId("rests").replaceChildren(...items(data.rests_on[state.lang]));
  byId("cannot").replaceChildren(...items([...data.cannot_say[state.lang], say("explorer:yen_note")]));
}

addEventListener("hashchange", show);
show();
