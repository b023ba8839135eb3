"use strict";
/* Charts drawn as SVG: lines, stacks, fans and flows.  All text is set as text. */

(() => {
  const T = globalThis.itchoWords;
  const SPACE = "http://www.w3.org/2000/svg";
  const PALETTE = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8F7A00", "#5B4A8A", "#4C6A78", "#8C8C8C",
    "#A0673A", "#882255"];

  function node(name, attributes = {}, text) {
    const made = document.createElementNS(SPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = T(text);
    return made;
  }

  function sheet(width, height, label) {
    const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    if (width > 600) svg.setAttribute("data-wide", "");
    svg.append(node("title", {}, label));
    return svg;
  }

  /** Round places between two ends, about `count` of them. */
  function ticks(low, high, count = 5) {
    const rough = (high - low) / Math.max(1, count) || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((unit) => unit * power).find((size) => size >= rough * 0.999);
    const found = [];
    for (let place = Math.ceil(low / step - 1e-9); place * step <= high + 1e-9 * step; place++) found.push(place * step);
    return { found, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (Math.abs(step / power - 2.5) < 1e-9 ? 1 : 0)) };
  }

  function figure(value, decimals) {
    const text = T.number(Math.abs(value), decimals);
    return (value < 0 && /[1-9]/.test(text) ? "−" : "") + text;
  }

  /* The frame of a chart over time: scales, grid and axes. */
  function frame({ width, height, x, low, high, label, left = 44, band = false }) {
    const svg = sheet(width, height, label);
    const top = 10, bottom = 20, right = 10;
    if (!(high > low)) { low -= 0.5; high += 0.5; }
    const room = 0.05 * (high - low);
    const [from, to] = [low === 0 ? 0 : low - room, high === 0 ? 0 : high + room];
    const first = x[0] - (band ? 0.5 : 0), last = x[x.length - 1] + (band ? 0.5 : 0);
    const across = (when) => left + ((when - first) / (last - first || 1)) * (width - left - right);
    const up = (value) => height - bottom - ((value - from) / (to - from)) * (height - top - bottom);
    const grid = ticks(from, to, Math.max(3, Math.round(height / 48)));
    for (const value of grid.found) {
      const y = up(value);
      svg.append(node("line", { class: Math.abs(value) < 1e-12 ? "axis" : "grid", x1: left, x2: width - right, y1: y, y2: y }));
      svg.append(node("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, figure(value, grid.decimals)));
    }
    const years = ticks(Math.ceil(first), Math.floor(last), Math.max(2, Math.round(width / 75))).found.filter((year) => Number.isInteger(year));
    for (const year of years) {
      svg.append(node("line", { class: "axis", x1: across(year), x2: across(year), y1: height - bottom, y2: height - bottom + (band ? 0 : 4) }));
      svg.append(node("text", { x: across(year), y: height - 4, "text-anchor": "middle" }, String(year)));
    }
    svg.append(node("line", { class: "axis", x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }));
    return { svg, across, up, top, bottom: height - bottom, width };
  }

  /**
   * Show the values under the pointer: a line at the nearest place and a box beside it.
   * texts(place) gives the box's lines, the first of which is its heading: [text, colour or undefined].
   */
  function hover(plot, x, texts) {
    const mark = node("line", { class: "axis hover-line", y1: plot.top, y2: plot.bottom });
    const box = node("g", { class: "hover", "pointer-events": "none", visibility: "hidden" });
    box.append(mark);
    plot.svg.append(node("rect", { x: 0, y: 0, width: plot.width, height: plot.bottom, fill: "transparent" }), box);
    const places = x.map((when) => plot.across(when));
    let shown = -1;
    const leave = () => { box.setAttribute("visibility", "hidden"); shown = -1; };
    const move = (event) => {
      const frame = plot.svg.getBoundingClientRect(), at = ((event.clientX - frame.left) / frame.width) * plot.width;
      let nearest = 0;
      places.forEach((place, one) => { if (Math.abs(place - at) < Math.abs(places[nearest] - at)) nearest = one; });
      if (nearest === shown) return;
      shown = nearest;
      const lines = texts(nearest), size = (text) => [...text].reduce((sum, sign) => sum + (sign.charCodeAt(0) > 0x2e7f ? 11 : 6.1), 0);
      const wide = Math.max(...lines.map(([text]) => size(text))) + 14, tall = 15 * lines.length + 6;
      const left = places[nearest] + 8 + wide > plot.width ? Math.max(0, places[nearest] - 8 - wide) : places[nearest] + 8;
      mark.setAttribute("x1", places[nearest]);
      mark.setAttribute("x2", places[nearest]);
      box.replaceChildren(mark, node("rect", { x: left, y: plot.top, width: wide, height: tall, rx: 3, class: "hover-box" }),
        ...lines.map(([text, colour], line) => {
          const made = node("text", { x: left + 7, y: plot.top + 14 + 15 * line, class: line ? "ink" : "strong" });
          made.textContent = text;
          if (colour) made.setAttribute("style", `fill: ${colour}`);
          return made;
        }));
      box.setAttribute("visibility", "visible");
    };
    plot.svg.addEventListener("pointermove", move);
    plot.svg.addEventListener("pointerdown", move);
    plot.svg.addEventListener("pointerleave", leave);
  }

  function path(points) {
    let text = "", drawn = false;
    for (const [x, y] of points) {
      if (x === null || !Number.isFinite(y)) { drawn = false; continue; }
      text += `${drawn ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      drawn = true;
    }
    return text;
  }

  /**
   * Lines over time.  series: [{label, colour, dash, width, values, dots}]; cursor: place in x, or null.
   * names: what each place of x is called; decimals: of the values that are shown under the pointer; reach: ends of the scale.
   * ranges: [{from, to, low, high, text}], what others say of some years, shaded.
   */
  function lines({ x, series, label, width = 420, height = 190, cursor = null, zero = false, names = null, decimals = 2, sign = false, reach = [], ranges = [] }) {
    const all = series.flatMap((one) => one.values.filter((value) => value !== null));
    const said = ranges.filter((one) => one.to >= x[0] && one.from <= x[x.length - 1]);
    const ends = [...all, ...reach, ...said.flatMap((one) => [one.low, one.high]), ...(zero ? [0] : [])];
    const low = Math.min(...ends), high = Math.max(...ends);
    const plot = frame({ width, height, x, low, high, label });
    for (const one of said) {
      const left = plot.across(Math.max(one.from, x[0])), right = plot.across(Math.min(one.to, x[x.length - 1])), up = plot.up(one.high), tall = Math.max(3, plot.up(one.low) - up);
      const box = node("rect", { class: "range", x: left, y: tall > 3 ? up : up - 1.5, width: Math.max(4, right - left), height: tall, fill: "#009E73", "fill-opacity": 0.28 });
      box.append(node("title", {}, one.text));
      plot.svg.append(box);
    }
    if (cursor !== null) {
      plot.svg.append(node("line", { class: "axis", "stroke-dasharray": "2 3", x1: plot.across(x[cursor]), x2: plot.across(x[cursor]), y1: plot.top, y2: plot.bottom }));
    }
    for (const one of series) {
      const points = one.values.map((value, place) => [value === null ? null : plot.across(x[place]), value === null ? 0 : plot.up(value)]);
      plot.svg.append(node("path", {
        d: path(points), fill: "none", stroke: one.colour, "stroke-width": one.width || 1.7, "stroke-linejoin": "round",
        ...(one.dash ? { "stroke-dasharray": one.dash } : {}),
      }));
      if (one.dots) {
        for (const [across, up] of points) if (across !== null) plot.svg.append(node("circle", { cx: across, cy: up, r: 2.6, fill: one.colour }));
      }
    }
    if (names) {
      hover(plot, x, (place) => [[names[place]], ...series.filter((one) => one.values[place] !== null).map((one) => [
        `${T(one.label)} ${sign && one.values[place] > 0 ? "+" : ""}${figure(one.values[place], decimals)}`, one.colour]),
      ...said.filter((one) => one.from <= x[place] && one.to >= x[place]).map((one) => [one.text, "#009E73"])]);
    }
    return plot.svg;
  }

  /** Stacked bars, positive upwards and negative downwards; `total` is a line of dots over them. */
  function stack({ x, series, label, width = 760, height = 330, total = null, bar = 0.72, names = null, decimals = 2 }) {
    const sums = x.map((_, place) => {
      let above = 0, below = 0;
      for (const one of series) { const value = one.values[place] || 0; if (value > 0) above += value; else below += value; }
      return [above, below];
    });
    const high = Math.max(0, ...sums.map((sum) => sum[0])), low = Math.min(0, ...sums.map((sum) => sum[1]));
    const plot = frame({ width, height, x, low, high, label, left: 52, band: true });
    const half = ((plot.across(x[0] + 1) - plot.across(x[0])) * bar) / 2;
    const above = x.map(() => 0), below = x.map(() => 0);
    for (const one of series) {
      x.forEach((when, place) => {
        const value = one.values[place] || 0;
        if (!value) return;
        const pile = value > 0 ? above : below, from = pile[place];
        pile[place] += value;
        const top = plot.up(Math.max(from, pile[place])), foot = plot.up(Math.min(from, pile[place]));
        const rect = node("rect", { x: plot.across(when) - half, y: top, width: 2 * half, height: Math.max(0, foot - top), fill: one.colour });
        plot.svg.append(rect);
      });
    }
    if (total) {
      plot.svg.append(node("path", { d: path(total.map((value, place) => [plot.across(x[place]), plot.up(value)])), fill: "none", stroke: "#1d2733", "stroke-width": 1.4 }));
      total.forEach((value, place) => plot.svg.append(node("circle", { cx: plot.across(x[place]), cy: plot.up(value), r: 3.2, fill: "#ffffff", stroke: "#1d2733", "stroke-width": 1.4 })));
    }
    const signed = (value) => `${value > 0 ? "+" : ""}${figure(value, decimals)}`;
    hover(plot, x, (place) => [
      [`${names ? names[place] : x[place]}${total ? `: ${signed(total[place])}` : ""}`],
      ...series.filter((one) => one.values[place]).sort((a, b) => Math.abs(b.values[place]) - Math.abs(a.values[place])).slice(0, 10)
        .map((one) => [`${T(one.label)} ${signed(one.values[place])}`, one.colour]),
    ]);
    return plot.svg;
  }

  /** Bands of percentiles around a median.  bands: [[low values, high values]], widest first. */
  function fan({ x, bands, median, colour, label, low, high, width = 300, height = 180, names = null, decimals = 2, extra = [], bandNames = ["nine worlds of ten", "eight of ten", "half of the worlds"] }) {
    const plot = frame({ width, height, x, low, high, label });
    bands.forEach(([lower, upper], place) => {
      const there = upper.map((value, year) => [plot.across(x[year]), plot.up(value)]);
      const back = lower.map((value, year) => [plot.across(x[year]), plot.up(value)]).reverse();
      plot.svg.append(node("path", { d: path([...there, ...back]) + "Z", fill: colour, "fill-opacity": bands.length < 3 ? [0.16, 0.28][place] : [0.16, 0.2, 0.3][place] }));
    });
    plot.svg.append(node("path", { d: path(median.map((value, year) => [plot.across(x[year]), plot.up(value)])), fill: "none", stroke: colour, "stroke-width": 1.8 }));
    for (const one of extra) {
      plot.svg.append(node("path", { d: path(one.values.map((value, year) => [plot.across(x[year]), plot.up(value)])), fill: "none", stroke: one.colour, "stroke-width": 1.3, "stroke-dasharray": one.dash || "none" }));
    }
    if (low < 0 && high > 0) plot.svg.append(node("line", { class: "axis", x1: 44, x2: width - 10, y1: plot.up(0), y2: plot.up(0) }));
    if (names) {
      hover(plot, x, (place) => [
        [names[place]], [`${T("median")} ${figure(median[place], decimals)}`, colour],
        ...bands.map(([lower, upper], band) => [`${T(bandNames[band])} ${figure(lower[place], decimals)} … ${figure(upper[place], decimals)}`]),
        ...extra.map((one) => [`${T(one.label)} ${figure(one.values[place], decimals)}`, one.colour]),
      ]);
    }
    return plot.svg;
  }

  /** Flows from stage to stage.  nodes: [{label, stage}], links: [{source, target, layer, amount_trn_yen}]. */
  function sankey({ nodes, links, colour, amountText, label, headings, width = 1000 }) {
    const most = Math.max(...headings.map((_, stage) => nodes.filter((one) => one.stage === stage).length));
    const gap = most > 12 ? 12 : 20, height = Math.max(520, most * (gap + 18));
    const svg = sheet(width, height, label);
    const top = 30, thick = 12, stages = headings.length;
    const reach = nodes.map((_, id) => Math.max(
      links.filter((link) => link.target === id).reduce((sum, link) => sum + link.amount_trn_yen, 0),
      links.filter((link) => link.source === id).reduce((sum, link) => sum + link.amount_trn_yen, 0),
    ));
    const columns = headings.map((_, stage) => nodes.map((one, id) => id).filter((id) => nodes[id].stage === stage).sort((a, b) => reach[b] - reach[a]));
    // Whoever is paid from higher up stands higher up, so that fewer bars cross.
    const rank = (id) => {
      const paid = links.filter((link) => link.target === id), whole = paid.reduce((sum, link) => sum + link.amount_trn_yen, 0);
      return whole ? paid.reduce((sum, link) => sum + order[link.source] * link.amount_trn_yen, 0) / whole : 1e6;
    };
    const order = [];
    for (const ids of columns) {
      const ranks = new Map(ids.map((id) => [id, rank(id)]));
      ids.sort((a, b) => ranks.get(a) - ranks.get(b) || reach[b] - reach[a]);
      ids.forEach((id, place) => { order[id] = place; });
    }
    const scale = Math.min(...columns.filter((ids) => ids.length).map((ids) =>
      (height - top - 10 - gap * (ids.length - 1)) / ids.reduce((sum, id) => sum + reach[id], 0)));
    const left = (stage) => 2 + (stage * (width - thick - 190)) / (stages - 1);
    const spot = [];
    columns.forEach((ids, stage) => {
      const tall = ids.reduce((sum, id) => sum + reach[id] * scale, 0) + gap * Math.max(0, ids.length - 1);
      let y = top + Math.max(0, (height - top - 10 - tall) / 2);
      for (const id of ids) { spot[id] = { x: left(stage), y, out: y, into: y }; y += reach[id] * scale + gap; }
      svg.append(node("text", { x: left(stage), y: 14, class: "strong" }, headings[stage]));
    });
    const middle = (id) => spot[id].y + (reach[id] * scale) / 2;
    const ordered = [...links].sort((a, b) => middle(a.source) - middle(b.source) || middle(a.target) - middle(b.target));
    const byTarget = [...links].sort((a, b) => middle(a.target) - middle(b.target) || middle(a.source) - middle(b.source));
    for (const link of byTarget) { link.into = spot[link.target].into; spot[link.target].into += link.amount_trn_yen * scale; }
    for (const link of ordered) {
      const wide = Math.max(0.8, link.amount_trn_yen * scale);
      const a = spot[link.source], b = spot[link.target];
      const y1 = a.out + wide / 2, y2 = link.into + wide / 2, x1 = a.x + thick, x2 = b.x, half = (x1 + x2) / 2;
      a.out += link.amount_trn_yen * scale;
      const ribbon = node("path", {
        d: `M${x1} ${y1}C${half} ${y1} ${half} ${y2} ${x2} ${y2}`, fill: "none", stroke: colour[link.layer], "stroke-width": wide, "stroke-opacity": 0.5,
      });
      ribbon.append(node("title", {}, T("{payer} to {payee}: {amount}", { payer: T(nodes[link.source].label), payee: T(nodes[link.target].label), amount: amountText(link.amount_trn_yen) })));
      svg.append(ribbon);
    }
    nodes.forEach((one, id) => {
      const tall = Math.max(1, reach[id] * scale);
      svg.append(node("rect", { x: spot[id].x, y: spot[id].y, width: thick, height: tall, fill: "#14375e" }));
      const text = node("text", { x: spot[id].x + thick + 6, y: spot[id].y + tall / 2 + 4, class: "ink", stroke: "#ffffff", "stroke-width": 3, "paint-order": "stroke", "stroke-opacity": 0.85 });
      text.append(node("tspan", {}, one.label), node("tspan", { dx: 6, fill: "#5d6975" }, amountText(reach[id])));
      svg.append(text);
    });
    return svg;
  }

  globalThis.itchoCharts = { lines, stack, fan, sankey, ticks, figure, PALETTE };
})();
