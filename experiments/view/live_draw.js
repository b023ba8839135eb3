"use strict";
/* What the live view draws besides its network: numbers that move, charts one after another, lanes of events. */

(() => {
  const T = globalThis.itchoWords, charts = globalThis.itchoCharts;
  const SPACE = "http://www.w3.org/2000/svg", BUDGET = 4, MOVES = 450;
  const LANES = {
    tranche: ["Tranche paid", "#0072B2"], rate: ["Rate change", "#56B4E9"], sale: ["Sale of assets", "#E69F00"], loss_cut: ["Loss-cut", "#D55E00"],
    failure: ["Failure: loans written off", "#A0673A"], intervention: ["Intervention", "#009E73"], rescue: ["Rescue", "#CC79A7"], limit: ["Limit reached", "#8C8C8C"],
  };

  function shape(name, attributes, text) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** Draws what is asked for, a few milliseconds in each frame; what is asked for again is drawn once, in its old turn. */
  class Painter {
    constructor() {
      [this.waiting, this.later, this.watched] = [new Map(), new Map(), new Map()];
      this.running = false;
      // While months play, what is out of sight is drawn when it comes into sight.
      this.eyes = new IntersectionObserver((seen) => {
        for (const one of seen) this.watched.set(one.target, one.isIntersecting);
        for (const [name, [draw, place]] of [...this.later]) if (this.watched.get(place)) { this.later.delete(name); this.ask(name, draw); }
      });
    }

    /** `place`: where it is drawn, if it can wait until it is seen. */
    ask(name, draw, place = null) {
      if (place) {
        if (!this.watched.has(place)) { this.watched.set(place, true); this.eyes.observe(place); }
        if (!this.watched.get(place)) { this.waiting.delete(name); this.later.set(name, [draw, place]); return; }
      }
      this.later.delete(name);
      this.waiting.set(name, draw);
      if (this.running) return;
      this.running = true;
      requestAnimationFrame(() => this.turn());
    }

    /** Draw nothing any more of what waits. */
    stop() {
      this.waiting.clear();
      this.later.clear();
      this.eyes.disconnect();
    }

    turn() {
      const began = performance.now();
      for (const [name, draw] of this.waiting) {
        this.waiting.delete(name);
        draw();
        if (performance.now() - began > BUDGET) break;
      }
      if (this.waiting.size) requestAnimationFrame(() => this.turn());
      else this.running = false;
    }
  }

  /** Numbers that go from where they are to where they shall be. */
  class Movers {
    constructor() { this.now = new Map(); this.running = false; }

    /** `write(value)` shows a value; a number that is not there is shown at once. */
    put(name, value, write) {
      const one = this.now.get(name), from = one ? one.value : null;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches || from === null || value === null || from === value;
      this.now.set(name, { value: still ? value : from, from, to: value, began: performance.now(), write, done: still });
      if (still) write(value);
      else if (!this.running) { this.running = true; requestAnimationFrame((when) => this.turn(when)); }
    }

    turn(when) {
      let moving = false;
      for (const one of this.now.values()) {
        if (one.done) continue;
        const gone = Math.min(1, Math.max(0, (when - one.began) / MOVES)), eased = gone * (2 - gone);
        one.value = one.from + (one.to - one.from) * eased;
        one.done = gone >= 1;
        if (one.done) one.value = one.to;
        one.write(one.value);
        moving = moving || !one.done;
      }
      this.running = moving;
      if (moving) requestAnimationFrame((next) => this.turn(next));
    }
  }

  /**
   * Lanes of events over the months played: A above, B below its line; a mark is larger the more agents it met.
   * pick(lane, place) is called for a mark.
   */
  function lanes({ found, months, place, chosen, name, pick, width, narrow, twin }) {
    const shown = found.filter((lane) => lane.a.length || lane.b.length);
    if (!shown.length || !months) return null;
    const left = narrow ? 96 : 170, right = 12, tall = 24, top = 4, height = top + shown.length * tall + 20;
    const across = (at) => left + ((at - 0.5) / Math.max(months, 12)) * (width - left - right);
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, class: "lanes", role: "group", "aria-label": T("What happened when: {what}", { what: shown.map((lane) => `${T(LANES[lane.name][0])}: ${lane.a.length}`).join(", ") }) });
    const step = Math.max(12, 12 * Math.ceil(Math.max(months, 12) / 12 / (narrow ? 4 : 10)));
    for (let at = 1; at <= Math.max(months, 12); at++) {
      if (!name(at).endsWith("-01-31") || (at < 12 ? false : (at - (at % 12)) % step && step > 12)) continue;
      svg.append(shape("line", { class: "grid", x1: across(at), x2: across(at), y1: top, y2: height - 18 }), shape("text", { x: across(at), y: height - 4, "text-anchor": "middle" }, name(at).slice(0, 4)));
    }
    if (place) svg.append(shape("line", { class: "axis", "stroke-dasharray": "2 3", x1: across(place), x2: across(place), y1: top, y2: height - 18 }));
    shown.forEach((lane, row) => {
      const [label, colour] = LANES[lane.name], y = top + row * tall + tall / 2;
      svg.append(shape("line", { class: "grid", x1: left, x2: width - right, y1: y, y2: y }), shape("text", { x: 0, y: y + 4, class: "ink" }, narrow ? T(label).split(/[:：]/)[0] : T(label)));
      const most = Math.max(1.5, 0.46 * (across(2) - across(1)));
      for (const [side, marks] of [["b", lane.b], ["a", lane.a]]) {
        for (const [at, met] of marks) {
          const own = side === "a", r = Math.min(Math.max(most, 2.4), 3.2 + Math.min(3, met));
          if (!own) { svg.append(shape("circle", { cx: across(at), cy: y + (twin ? 6 : 0), r: Math.min(r, 3), fill: "none", stroke: colour, "stroke-width": 1.2 })); continue; }
          const mark = shape("circle", { cx: across(at), cy: y - (twin ? 2 : 0), r, fill: colour, tabindex: 0, role: "button", "data-lane": lane.name, "data-place": at, "aria-pressed": String(chosen === lane.name && place === at), "aria-label": `${T(label)}, ${T.month(name(at))}` });
          mark.addEventListener("click", () => pick(lane.name, at));
          mark.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(lane.name, at); } });
          svg.append(mark);
        }
      }
    });
    return svg;
  }

  /** A histogram of members, stacked by their kind. */
  function bars(chart, label) {
    const width = 520, height = 190, left = 46, bottom = 22, top = 8;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    const sums = chart.x.map((_, place) => chart.series.reduce((sum, one) => sum + one.values[place], 0));
    const most = Math.max(1, ...sums), step = chart.x.length > 1 ? chart.x[1] - chart.x[0] : 1;
    const first = chart.x[0] - step / 2, last = chart.x[chart.x.length - 1] + step / 2;
    const across = (value) => left + ((value - first) / (last - first)) * (width - left - 8);
    const up = (value) => height - bottom - (value / (most * 1.05)) * (height - bottom - top);
    for (const value of charts.ticks(0, most, 4).found) {
      svg.append(shape("line", { class: "grid", x1: left, x2: width - 8, y1: up(value), y2: up(value) }));
      svg.append(shape("text", { x: left - 6, y: up(value) + 4, "text-anchor": "end" }, charts.figure(value, 0)));
    }
    const places = charts.ticks(first, last, 7);
    for (const value of places.found) svg.append(shape("text", { x: across(value), y: height - 6, "text-anchor": "middle" }, charts.figure(value, places.decimals)));
    chart.x.forEach((middle, place) => {
      let pile = 0;
      for (const one of chart.series) {
        const count = one.values[place];
        if (!count) continue;
        const bar = shape("rect", { x: across(middle - step / 2) + 0.5, width: Math.max(0.5, across(middle + step / 2) - across(middle - step / 2) - 1), y: up(pile + count), height: up(pile) - up(pile + count), fill: one.colour });
        bar.append(shape("title", {}, `${T(one.label)}: ${count}`));
        svg.append(bar);
        pile += count;
      }
    });
    svg.append(shape("line", { class: "axis", x1: left, x2: width - 8, y1: up(0), y2: up(0) }));
    return svg;
  }

  globalThis.itchoLive = { Painter, Movers, lanes, bars, LANES };
})();
