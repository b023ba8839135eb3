"use strict";
/* The yen from the opening to the end, in yen: who moved it in this world, and what the programme changed of that. */

(() => {
  const page = globalThis.itchoPage, charts = globalThis.itchoCharts, content = page.content;
  const { el, number } = page;
  const T = globalThis.itchoWords;
  const SPACE = "http://www.w3.org/2000/svg";

  function shape(name, attributes, text) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** Steps from one rate to another, a row each: [{label, colour, value}]; the last step stands apart. */
  function picture({ from, fromLabel, to, toLabel, steps, decimals, label }) {
    const narrow = innerWidth < 640, width = narrow ? 360 : 620, left = narrow ? 132 : 210, right = 52, tall = 26, top = 6;
    const places = [from];
    for (const step of steps) places.push(places[places.length - 1] + step.value);
    const low = Math.min(...places, to), high = Math.max(...places, to), room = 0.04 * (high - low) || 1;
    const across = (value) => left + ((value - low + room) / (high - low + 2 * room)) * (width - left - right);
    const rows = steps.length + 2, height = top + rows * tall + 26, foot = top + rows * tall + 4;
    const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    const grid = charts.ticks(low - room, high + room, narrow ? 3 : 5);
    for (const value of grid.found) {
      svg.append(shape("line", { class: "grid", x1: across(value), x2: across(value), y1: top, y2: foot }),
        shape("text", { x: across(value), y: height - 6, "text-anchor": "middle" }, charts.figure(value, grid.decimals)));
    }
    const middle = (row) => top + row * tall + tall / 2;
    const words = (row, text, strong) => {
      const lines = narrow && T.code === "en" && text.length > 22 ? [text.slice(0, text.lastIndexOf(" ", 22)), text.slice(text.lastIndexOf(" ", 22) + 1)] : [text];
      lines.forEach((line, at) => svg.append(shape("text", { x: 0, y: middle(row) + 4 + (at - (lines.length - 1) / 2) * 11, class: strong ? "strong" : "ink" }, line)));
    };
    const end = (row, text, value) => {
      words(row, text, true);
      svg.append(shape("path", { class: "end", d: `M${across(value)} ${middle(row) - 7}l6 7l-6 7l-6 -7Z` }),
        shape("text", { x: across(value) + 11, y: middle(row) + 4, class: "strong" }, number(value, decimals)));
    };
    end(0, fromLabel, from);
    steps.forEach((step, at) => {
      const row = at + 1, a = across(places[at]), b = across(places[at + 1]);
      words(row, step.label);
      svg.append(shape("line", { class: "axis", "stroke-dasharray": "2 2", x1: a, x2: a, y1: middle(row) - tall + 7, y2: middle(row) + 7 }),
        shape("rect", { x: Math.min(a, b), y: middle(row) - 7, width: Math.max(1, Math.abs(b - a)), height: 14, fill: step.colour }),
        shape("text", { x: Math.max(a, b) + 5, y: middle(row) + 4, class: "ink" }, number(step.value, decimals, true)));
      if (at === steps.length - 1) svg.append(shape("line", { class: "axis", x1: 0, x2: width, y1: middle(row) - tall / 2, y2: middle(row) - tall / 2 }));
    });
    end(rows - 1, toLabel, to);
    return svg;
  }

  page.waterfallPicture = picture;

  /** Both waterfalls of a run and their table. */
  page.waterfalls = () => {
    const { months, monthName, policy, source } = globalThis.itchoRun;
    const { groups, waterfall } = content.attribution, { opening, end, run, twin, twin_end: without } = waterfall;
    const last = monthName(months[months.length - 1]), shocks = groups.length - 1;
    const told = (steps) => steps.map((step) => `${step.label} ${number(step.value, 2, true)}`).join(", ");
    const level = groups.map((group, at) => ({ label: T(group.label), colour: group.colour, value: run[at] }));
    const figures = [page.figure({
      heading: T("From the opening to the end, with policy {policy}", { policy }), unit: T("yen per dollar; + is a weaker yen"),
      picture: picture({ from: opening, fromLabel: T("Opening"), to: end, toLabel: last, steps: level, decimals: 1, label: T("USD/JPY from {from} to {to}: {steps}", { from: number(opening, 1), to: number(end, 1), steps: told(level) }) }),
      source: `${source}: usdjpy_attribution.csv, monthly.csv.`,
    })];
    const shown = (value) => number(value, 2, true);
    let columns = [{ label: "Group" }, { label: policy, n: true, show: shown }], names = ["group", "with_yen"];
    let rows = groups.map((group, at) => [T(group.label), run[at]]);
    if (twin) {
      const effect = groups.map((group, at) => ({ label: T(at === shocks ? "What traders made of common shocks" : group.label), colour: group.colour, value: run[at] - twin[at] }));
      const decimals = Math.abs(end - without) < 1 ? 3 : 2;
      figures.push(page.figure({
        heading: "What the programme changed, against the same world without it", unit: T("yen per dollar; + is a weaker yen"),
        picture: picture({ from: without, fromLabel: T("Without it"), to: end, toLabel: T("With it"), steps: effect, decimals, label: T("USD/JPY from {from} to {to}: {steps}", { from: number(without, decimals), to: number(end, decimals), steps: told(effect) }) }),
        source: T("The shocks are the same in both worlds; only what traders made of them can differ."),
      }));
      const fine = (value) => number(value, 3, true);
      columns = [{ label: "Group" }, { label: "Accounting: with the programme", n: true, show: shown }, { label: "Without it", n: true, show: shown }, { label: "Counterfactual: the difference", n: true, show: fine }];
      names = ["group", "with_yen", "without_yen", "difference_yen"];
      rows = groups.map((group, at) => [T(group.label), run[at], twin[at], run[at] - twin[at]]);
    }
    const total = columns.slice(1).map((_, column) => rows.reduce((sum, row) => sum + row[column + 1], 0));
    rows.push([T("USD/JPY, all together"), ...total]);
    return el("div", { id: "waterfalls" }, el("div", { class: twin ? "halves" : "" }, figures), el("br"),
      page.table(columns, rows.map((row) => [document.createTextNode(row[0]), ...row.slice(1)]), {
        heading: T("Who moved the yen, in yen, over the whole run"), total: true,
        csv: () => ({ name: "itcho-usdjpy-waterfall.csv", columns: names, rows }),
      }));
  };
})();
