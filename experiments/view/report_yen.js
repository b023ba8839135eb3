"use strict";
/* Who moved the yen, in yen: bars of this world around zero, whiskers of the pairs, and what the programme changed of that. */

(() => {
  const page = globalThis.itchoPage, charts = globalThis.itchoCharts, content = page.content;
  const { el, number } = page;
  const T = globalThis.itchoWords;
  const SPACE = "http://www.w3.org/2000/svg";
  const INK = "#1d2733", PAPER = "#ffffff", TOTAL = "#14375e";

  function shape(name, attributes, text) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  const far = (text) => [...text].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e7f ? 11.2 : 6), 0);

  /** A label in as many lines as it needs to stay within so many units. */
  function broken(text, room) {
    const lines = [""], parts = text.match(/[\u2e80-\uffff]|[^\s\u2e80-\uffff]+|\s/g) || [];
    for (const part of parts) {
      if (far(lines[lines.length - 1] + part) > room && lines[lines.length - 1].trim()) lines.push("");
      lines[lines.length - 1] += part;
    }
    return lines.map((line) => line.trim()).filter(Boolean);
  }

  const range = (band, decimals) => `${number(band[0], decimals, true)} … ${number(band[2], decimals, true)}`;

  /**
   * Changes as bars from zero, one to a row, and last what they add up to.
   * bars: [{label, colour, value}]; bands: [low, median, high] of each bar and of the sum, or null; pairs: of worlds behind the bands;
   * named: what a value is, with a place for it.
   */
  function picture({ bars, bands, pairs, decimals, label, named = T("this world {value}") }) {
    const narrow = innerWidth < 640, width = narrow ? 360 : 600, left = narrow ? 130 : 214, right = narrow ? 50 : 60, tall = 28, top = 6;
    const rows = [...bars, { label: T("USD/JPY, all together"), colour: TOTAL, value: bars.reduce((sum, bar) => sum + bar.value, 0), strong: true }];
    const reach = [0, ...rows.map((row) => row.value), ...(bands || []).flat()], low = Math.min(...reach), high = Math.max(...reach);
    const room = 0.03 * (high - low) || 1;
    const across = (value) => left + ((value - low + room) / (high - low + 2 * room)) * (width - left - right);
    const foot = top + rows.length * tall + 4, height = foot + 20;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    svg.append(shape("title", {}, label));
    const grid = charts.ticks(low - room, high + room, narrow ? 4 : 7);
    for (const value of grid.found) {
      svg.append(shape("line", { class: Math.abs(value) < 1e-12 ? "axis" : "grid", x1: across(value), x2: across(value), y1: top, y2: foot }),
        shape("text", { x: across(value), y: height - 5, "text-anchor": "middle" }, charts.figure(value, grid.decimals)));
    }
    const middle = (row) => top + row * tall + tall / 2;
    rows.forEach((row, at) => {
      const y = middle(at), zero = across(0), end = across(row.value);
      if (row.strong) svg.append(shape("line", { class: "axis", x1: 0, x2: width, y1: y - tall / 2, y2: y - tall / 2 }));
      const lines = broken(row.label, left - 8);
      lines.forEach((line, place) => svg.append(shape("text", { x: 0, y: y + 4 + (place - (lines.length - 1) / 2) * 12, class: row.strong ? "strong" : "ink" }, line)));
      svg.append(shape("rect", { class: "bar", x: Math.min(zero, end), y: y - 8, width: Math.max(1, Math.abs(end - zero)), height: 16, fill: row.colour }));
      if (bands) {
        const [from, half, to] = bands[at].map(across);
        svg.append(shape("path", { class: "whisker", d: `M${from} ${y - 4}V${y + 4}M${from} ${y}H${to}M${to} ${y - 4}V${y + 4}`, fill: "none", stroke: PAPER, "stroke-width": 3.4, "stroke-opacity": 0.75 }),
          shape("path", { class: "whisker", d: `M${from} ${y - 4}V${y + 4}M${from} ${y}H${to}M${to} ${y - 4}V${y + 4}`, fill: "none", stroke: INK, "stroke-width": 1.3 }),
          shape("circle", { class: "median", cx: half, cy: y, r: 3, fill: PAPER, stroke: INK, "stroke-width": 1.3 }));
      }
      svg.append(shape("text", { x: width, y: y + 4, "text-anchor": "end", class: row.strong ? "strong" : "ink" }, number(row.value, decimals, true)));
    });
    hover(svg, { rows, bands, pairs, decimals, named, width, middle, tall, top });
    return svg;
  }

  /** The values of the row under the pointer, in a box. */
  function hover(svg, { rows, bands, pairs, decimals, named, width, middle, tall, top }) {
    const box = shape("g", { class: "hover", "pointer-events": "none", visibility: "hidden" });
    svg.append(box);
    const leave = () => box.setAttribute("visibility", "hidden");
    const move = (event) => {
      const frame = svg.getBoundingClientRect(), scale = width / frame.width;
      const at = Math.floor(((event.clientY - frame.top) * scale - top) / tall);
      if (at < 0 || at >= rows.length) { leave(); return; }
      const row = rows[at], texts = [row.label, named.replace("{value}", number(row.value, decimals, true))];
      if (bands) {
        texts.push(T("median of {pairs} pairs {value}", { pairs, value: number(bands[at][1], decimals, true) }),
          T("nine pairs of ten {range}", { range: range(bands[at], decimals) }));
      }
      const wide = Math.max(...texts.map((text) => far(text))) + 16, high = 15 * texts.length + 6;
      const x = Math.max(0, Math.min(width - wide, (event.clientX - frame.left) * scale + 10));
      const y = at < rows.length / 2 ? middle(at) + tall / 2 : middle(at) - tall / 2 - high;
      box.replaceChildren(shape("rect", { x, y, width: wide, height: high, rx: 3, class: "hover-box" }),
        ...texts.map((text, line) => shape("text", { x: x + 7, y: y + 14 + 15 * line, class: line ? "ink" : "strong" }, text)));
      box.setAttribute("visibility", "visible");
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerdown", move);
    svg.addEventListener("pointerleave", leave);
  }

  page.yenPicture = picture;
  page.yenWords = T("Bars are changes: each group's log change times the logarithmic mean of the two rates, so that they add up exactly, in any order. Where groups pull against each other they are larger than the change itself.");

  /** Both pictures of a run and their table. */
  page.yenBars = () => {
    const { months, monthName, policy, source } = globalThis.itchoRun;
    const { groups, yen, bands } = content.attribution, { opening, end, twin } = yen;
    const shocks = groups.length - 1, pairs = bands && bands.pairs;
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    const bar = (values, changed) => groups.map((group, at) => ({ label: T(changed && at === shocks ? "What traders made of common shocks" : group.label), colour: group.colour, value: values[at] }));
    const told = (bars, ends, decimals) => T("USD/JPY from {from} to {to}: {steps}", {
      from: number(ends[0], decimals), to: number(ends[1], decimals),
      steps: bars.map((one, at) => `${one.label} ${number(one.value, decimals, true)}`).join(", "),
    });
    const whiskers = (kind, decimals) => (bands ? { bands: bands[kind], pairs, decimals } : { bands: null, pairs: 0, decimals });
    const level = bar(yen.yen, false);
    const figures = [page.figure({
      heading: T("From the opening to the end, with policy {policy}", { policy }),
      unit: T("{from} at the opening, {to} in {month}; changes in yen per dollar, + is a weaker yen", { from: number(opening, 1), to: number(end, 1), month: monthName(months[months.length - 1]) }),
      picture: picture({ bars: level, ...whiskers("accounting", 1), label: told(level, [opening, end], 1) }),
      source: `${source}: usdjpy_attribution.csv, monthly.csv${bands ? ", ensemble_yen.csv" : ""}.`,
    })];
    const decimals = twin && Math.abs(end - twin.end) < 1 ? 3 : 2;
    if (twin) {
      const changed = bar(twin.effect, true);
      figures.push(page.figure({
        heading: "What the programme changed, against the same world without it",
        unit: T("{from} without it, {to} with it; changes in yen per dollar, + is a weaker yen", { from: number(twin.end, decimals), to: number(end, decimals) }),
        picture: picture({ bars: changed, ...whiskers("effect", decimals), label: told(changed, [twin.end, end], decimals) }),
        source: T("The shocks are the same in both worlds; only what traders made of them can differ."),
      }));
    }
    // A column each: what its file calls it, its values by group and last of all together; percentiles of a sum are no sums.
    const whole = (values) => [...values, sum(values)];
    const file = { with_log_pct: whole(yen.log_pct), with_yen: whole(yen.yen) };
    const shown = [["With it, log %", file.with_log_pct, 2], ["Accounting, yen", file.with_yen, 1]];
    const banded = (kind, name, places) => {
      ["low_90", "median", "high_90"].forEach((part, at) => { file[`${name}_${part}`] = bands[kind].map((band) => band[at]); });
      shown.push(["Median", file[`${name}_median`], places], ["5% to 95%", bands[kind].map((band) => range(band, places)), null]);
    };
    if (bands) banded("accounting", "with_yen", 1);
    if (twin) {
      file.without_log_pct = whole(twin.log_pct);
      file.difference_log_pct = file.with_log_pct.map((value, at) => value - file.without_log_pct[at]);
      file.effect_yen = whole(twin.effect);
      shown.push(["Without it, log %", file.without_log_pct, 2], ["Difference, log %", file.difference_log_pct, 3], ["Counterfactual, yen", file.effect_yen, 3]);
      if (bands) banded("effect", "effect_yen", 2);
    }
    const names = [...groups.map((group) => T(group.label)), T("USD/JPY, all together")];
    const said = [page.yenWords];
    if (bands) said.push(T("Bars: the typical world. Whiskers: between them lie nine of ten of the {pairs} pairs of worlds, the ring is the median. Each pair's groups add up; percentiles of groups do not.", { pairs }));
    return el("div", { id: "yen-bars" }, el("div", { class: twin ? "halves" : "" }, figures),
      said.map((text) => el("p", { class: "note" }, document.createTextNode(text))), el("br"),
      page.table([{ label: "Group" }, ...shown.map(([label]) => ({ label, n: true }))],
        names.map((name, at) => [name, ...shown.map(([, values, places]) => (places === null ? values[at] : number(values[at], places, true)))].map((text) => document.createTextNode(text))), {
          heading: T("Who moved the yen, in yen, over the whole run"), total: true,
          csv: () => ({ name: "itcho-usdjpy-yen.csv", columns: ["group", ...Object.keys(file)], rows: names.map((name, at) => [name, ...Object.values(file).map((values) => values[at])]) }),
        }));
  };
})();
