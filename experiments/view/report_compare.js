"use strict";
/* The page of two runs: payments added, removed, grown and shrunk, outcomes side by side, and what moved the yen. */

(() => {
  const page = globalThis.itchoPage, charts = globalThis.itchoCharts, content = page.content;
  if (content.kind !== "comparison") return;
  const { el, number, short } = page;
  const T = globalThis.itchoWords;
  const { names, months, years, headline } = content;
  const plain = (text) => document.createTextNode(text);
  const words = (name) => T(content.words[name] || name.replace(/_/g, " "));
  const label = (party) => T(content.labels[party] || party);
  const COLOURS = ["#0072B2", "#D55E00"], CHANGES = { added: "#009E73", removed: "#A0673A", grown: "#56B4E9", shrunk: "#E69F00" };
  const NAMES = { added: "Only in B", removed: "Only in A", grown: "More in B", shrunk: "Less in B" };
  const amounts = content.edges.amounts.map(page.floats);
  const when = (month) => Number(month.slice(0, 4)) + Number(month.slice(5, 7)) / 12;
  const fiscalYear = (month) => Number(month.slice(0, 4)) - (Number(month.slice(5, 7)) < 4 ? 1 : 0);
  const wide = (width, height) => (innerWidth < 640 ? { width: 360, height: 205 } : { width, height });
  const source = T("Source: itcho {version}; A: {first}, B: {second}", { version: content.itcho, first: names[0], second: names[1] });

  Object.assign(page.defaults, { change: "all", year: "all", month: "all", outcome: headline[0] });

  const changeOf = (a, b) => (a === b ? "same" : a === 0 ? "added" : b === 0 ? "removed" : b > a ? "grown" : "shrunk");

  /** Payments of some months: [payer, payee, purpose, instrument, A, B, B less A, change], the largest change first. */
  function edgesOf(slots) {
    return content.edges.keys.map(([payer, payee, instrument, purpose], row) => {
      const [a, b] = amounts.map((side) => slots.reduce((sum, slot) => sum + side[row * months.length + slot], 0));
      return [payer, payee, purpose, instrument, a, b, b - a, changeOf(a, b)];
    }).filter((row) => row[7] !== "same").sort((a, b) => Math.abs(b[6]) - Math.abs(a[6]));
  }

  /** The largest differences as bars to the left and the right of zero. */
  function bars(rows) {
    const space = "http://www.w3.org/2000/svg", narrow = innerWidth < 640, width = narrow ? 360 : 1300, tall = narrow ? 40 : 24;
    const made = (name, attributes, text) => { const one = document.createElementNS(space, name); for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value); if (text !== undefined) one.textContent = text; return one; };
    const most = Math.max(...rows.map((row) => Math.abs(row[6])), 1e-12), middle = narrow ? 180 : 900, reach = narrow ? 110 : 300;
    const svg = made("svg", { viewBox: `0 0 ${width} ${rows.length * tall + 8}`, role: "img", "aria-label": T("The largest differences: {what}", { what: rows.slice(0, 6).map((row) => `${label(row[0])} → ${label(row[1])} ${short(row[6], true)}`).join("; ") }) });
    rows.forEach((row, at) => {
      const y = at * tall + (narrow ? 20 : 5), long = Math.max(1, (Math.abs(row[6]) / most) * reach), right = row[6] > 0;
      const text = `${label(row[0])} → ${label(row[1])}: ${words(row[2])}`;
      svg.append(made("text", { x: 0, y: narrow ? y - 5 : y + 11, class: "ink" }, narrow && text.length > 58 ? `${text.slice(0, 57)}…` : text),
        made("line", { class: "axis", x1: middle, x2: middle, y1: y - 3, y2: y + 17 }),
        made("rect", { x: right ? middle : middle - long, y, width: long, height: 14, fill: CHANGES[row[7]] }),
        made("text", { x: right ? middle + long + 5 : middle - long - 5, y: y + 11, "text-anchor": right ? "start" : "end" }, short(row[6], true)));
    });
    return svg;
  }

  function edgesTab(panel) {
    const control = el("div", { class: "row" }), body = el("div");
    const gap = content.largest_gap_trn_yen;
    panel.append(el("h2", {}, "Who pays whom: B less A"),
      el("p", { class: "lead" }, [
        T("What each party paid each other in the {count} months that both runs have: {first} to {last}.", { count: months.length, first: T.month(months[0]), last: T.month(months[months.length - 1]) }),
        gap === null ? "" : T("The differences of payments add up to those of the flow matrix, month by month, to within {gap} trn yen.", { gap: gap ? gap.toExponential(0) : "0" }),
      ].join(" ")), control, body);
    return (state) => {
      const year = years.map(String).includes(state.year) ? state.year : "all";
      const within = months.filter((month) => year === "all" || String(fiscalYear(month)) === year);
      const month = year !== "all" && within.includes(state.month) ? state.month : "all";
      const rows = edgesOf((month === "all" ? within : [month]).map((one) => months.indexOf(one)));
      const change = Object.hasOwn(NAMES, state.change) ? state.change : "all";
      const count = (key) => rows.filter((row) => row[7] === key).length;
      control.replaceChildren(
        page.choice("Which payments", [["all", plain(`${T("All that differ")} (${rows.length})`)], ...Object.entries(NAMES).map(([key, name]) => [key, plain(`${T(name)} (${count(key)})`)])], change, (one) => page.set({ change: one })),
        page.select("Fiscal year", [["all", T("All years")], ...years.map((one) => [String(one), T("FY{year}", { year: one })])], year, (one) => page.set({ year: one, month: "all" })),
        ...(year === "all" ? [] : [page.select("Month", [["all", T("All months")], ...within.map((one) => [one, plain(T.month(one))])], month, (one) => page.set({ month: one }))]));
      const shown = change === "all" ? rows : rows.filter((row) => row[7] === change), most = 150;
      const file = () => ({ name: "itcho-edge-differences.csv", columns: ["payer", "payee", "purpose", "instrument", "a_trn_yen", "b_trn_yen", "difference_trn_yen", "change"], rows: shown });
      const legend = Object.entries(CHANGES).map(([key, colour]) => ({ label: NAMES[key], colour }));
      body.replaceChildren(
        ...(shown.length ? [page.figure({ heading: "The largest differences", unit: "trn yen, B less A", picture: bars(shown.slice(0, 14)), legend, source }), el("br")] : [el("p", {}, "No payment differs in this way.")]),
        page.table([{ label: "Payer", show: label }, { label: "Payee", show: label }, { label: "For", show: words }, { label: "Instrument", show: words }, { label: "A", n: true, show: (value) => short(value) }, { label: "B", n: true, show: (value) => short(value) }, { label: "B less A", n: true, show: (value) => short(value, true) }, { label: "Change", show: (key) => T(NAMES[key]) }],
          shown.slice(0, most), { heading: T("{count} payments, trn yen", { count: shown.length }) + (shown.length > most ? T(", the largest {count} listed", { count: most }) : ""), scroll: "tall", csv: file }));
    };
  }

  function outcomesTab(panel) {
    const grid = el("div", { class: "figures" }), control = el("div", { class: "row" }), chosen = el("div");
    const whole = years.filter((year) => months.filter((month) => fiscalYear(month) === year).length === 12);
    /** Every month, or each whole fiscal year of what runs up over the year. */
    function drawn(one) {
      if (!one.to_date || !whole.length) return { x: months.map(when), names: months.map((month) => T.month(month)), runs: one.runs, unit: one.unit, dots: false };
      const kept = whole.map((year) => one.years.indexOf(year));
      return {
        x: whole.map((year) => year + 1.25), names: whole.map((year) => T("FY{year}", { year })), runs: one.by_year.map((side) => kept.map((at) => side[at])),
        unit: T("{unit}, whole fiscal years", { unit: T(one.unit) }), dots: true,
      };
    }
    const picture = (one, size) => {
      const { x, names: places, runs, unit, dots } = drawn(one), last = x.length - 1;
      return page.figure({
        heading: one.label, unit,
        picture: charts.lines({
          x, names: places, ...size, decimals: Math.max(2, one.decimals),
          series: [{ label: "A", colour: COLOURS[0], width: 2.2, values: runs[0], dots }, { label: "B", colour: COLOURS[1], dash: "4 3", width: 1.5, values: runs[1], dots }],
          label: T("{what}: A ends at {first}, B at {second}", { what: T(one.label), first: number(runs[0][last], one.decimals), second: number(runs[1][last], one.decimals) }),
        }),
      });
    };
    panel.append(el("h2", {}, "Outcomes of both"), el("div", { class: "legend" }, names.map((name, at) => el("span", {}, el("i", { class: "swatch", style: { background: COLOURS[at] } }), plain(`${"AB"[at]}: ${name}`)))), grid, el("br"), control, chosen);
    const named = Object.fromEntries(content.outcomes.map((one) => [one.name, one]));
    grid.append(...headline.map((name) => picture(named[name], wide(420, 176))));
    return (state) => {
      const one = Object.hasOwn(named, state.outcome) ? named[state.outcome] : content.outcomes[0];
      control.replaceChildren(page.select("Outcome", content.outcomes.map((outcome) => [outcome.name, plain(`${T(outcome.label)} (${T(outcome.unit)})`)]), one.name, (outcome) => page.set({ outcome })));
      const shown = (value) => number(value, Math.max(2, one.decimals));
      const rows = one.years.map((year, at) => [year, one.by_year[0][at], one.by_year[1][at], one.by_year[1][at] - one.by_year[0][at]]);
      chosen.replaceChildren(el("div", { class: "two" }, picture(one, wide(760, 300)),
        page.table([{ label: "FY", show: (year) => plain(String(year)) }, { label: "A", n: true, show: shown }, { label: "B", n: true, show: shown }, { label: "B less A", n: true, show: (value) => short(value, true) }], rows, {
          heading: T(one.label), csv: () => ({ name: `itcho-${one.name}-a-b.csv`, columns: ["fiscal_year", "a", "b", "difference"], rows }),
        })));
    };
  }

  function yenTab(panel) {
    const { groups, yen } = content.attribution;
    // Runs that open alike: what is left of the end's difference is who moved the yen.
    const apart = Math.abs(yen.openings[1] - yen.openings[0]) > 1e-9;
    const bars = groups.map((group, at) => ({ label: T(group.label), colour: group.colour, value: yen.yen[at] }));
    if (apart) bars.unshift({ label: T("Opening"), colour: "#4C6A78", value: yen.opening });
    const rows = groups.map((group, at) => [T(group.label), yen.log_pct[0][at], yen.log_pct[1][at], yen.yen[at]]);
    if (apart) rows.unshift([T("Opening"), null, null, yen.opening]);
    rows.push([T("USD/JPY, all together"), ...[1, 2, 3].map((column) => rows.reduce((sum, row) => sum + row[column], 0))]);
    const log = (value) => number(value, 2, true), decimals = Math.abs(yen.ends[1] - yen.ends[0]) < 1 ? 3 : 2;
    const [from, to] = yen.ends.map((end) => number(end, decimals));
    panel.append(el("h2", {}, "Who moved the yen"), el("div", { class: "halves", id: "yen-bars" },
      page.figure({
        heading: "From the end of A to the end of B", unit: T("A ends at {from}, B at {to}; changes in yen per dollar, + is a weaker yen", { from, to }), source,
        picture: page.yenPicture({ bars, bands: null, pairs: 0, decimals, named: `${T("B less A")} {value}`, label: T("USD/JPY from {from} to {to}: {steps}", { from, to, steps: bars.map((bar) => `${bar.label} ${number(bar.value, decimals, true)}`).join(", ") }) }),
      }),
      page.table([{ label: "Group", show: plain }, { label: "A, log %", n: true, show: log }, { label: "B, log %", n: true, show: log }, { label: "B less A, yen", n: true, show: (value) => number(value, 3, true) }], rows, {
        heading: "Who moved the yen, in yen, over the whole run", total: true, csv: () => ({ name: "itcho-usdjpy-a-b.csv", columns: ["group", "a_log_pct", "b_log_pct", "difference_yen"], rows }),
      })), el("p", { class: "note" }, document.createTextNode(page.yenWords)));
    return null;
  }

  function madeTab(panel) {
    content.manifests.forEach((manifest, at) => panel.append(el("h2", {}, plain(`${"AB"[at]}: ${names[at]}`)), page.provenance(manifest, ["ensemble", "where_it_lies"])));
    return null;
  }

  page.head(T("Two runs: A and B"), T("A: {first}. B: {second}.", { first: names[0], second: names[1] }));
  page.tabs.push(
    { key: "edges", label: "Who pays whom", build: edgesTab }, { key: "outcomes", label: "Outcomes", build: outcomesTab },
    { key: "yen", label: "Who moved the yen", build: yenTab }, { key: "made", label: "Provenance", build: madeTab },
  );
  page.start();
})();
