"use strict";
/* The page of a study: what was found, fan charts of level and difference, what a yen bought. */

(() => {
  const page = globalThis.itchoPage, charts = globalThis.itchoCharts, content = page.content;
  if (content.kind !== "study") return;
  const { el, number, short } = page;
  const T = globalThis.itchoWords;
  const { comparison, fans, policies, scenarios } = content;
  const outcomeOf = Object.fromEntries(fans.outcomes.map((one) => [one.name, one]));
  const baseline = comparison.baseline;
  const level = `${(100 * comparison.level).toFixed(0)}%`;
  /** So many of a thing, named in the singular or in the plural. */
  const counted = (count, one, many) => T(count === 1 ? one : many, { count });
  const seeds = (count) => counted(count, "{count} seed", "{count} seeds");
  const paired = (count) => counted(count, "{count} paired seed", "{count} paired seeds");
  const source = T("Source: itcho {version}, study {study}, {seeds}, store {store}", { version: content.itcho, study: content.manifest.study, seeds: paired(fans.replicates), store: content.manifest.store.slice(0, 12) });
  const labelOf = Object.fromEntries(policies.map((one) => [one.name, one.label]));
  const policyName = (name) => T(labelOf[name] || name);
  /** An outcome as people call it, with the time it is read at: of a name such as usdjpy@2030. */
  const outcomeName = (text) => {
    const [name, when] = text.split("@"), one = outcomeOf[name];
    return `${one ? T(one.label) : name}${when ? ` (${T(/^\d+$/.test(when) ? "FY{year}" : when, { year: when })})` : ""}`;
  };
  const yearName = (year) => T("FY{year}", { year });
  const percent = (share) => (share === null ? "–" : `${Math.round(100 * share)}%`);
  const signed = (value) => short(value, true);
  const interval = (row, kind) => (row[`${kind}_low`] === null || row[`${kind}_low`] === undefined ? "–" : T("{low} to {high}", { low: signed(row[`${kind}_low`]), high: signed(row[`${kind}_high`]) }));

  Object.assign(page.defaults, { scenario: scenarios[0].name, outcome: content.chosen[0] || fans.outcomes[0].name });

  const scenarioPick = (state) => scenarios.length < 2 ? null
    : page.select("Scenario", scenarios.map((one) => [one.name, T(one.label)]), state.scenario, (scenario) => page.set({ scenario }));

  const COLOURS = { better: "#0072B2", worse: "#D55E00", other: "#8c8c8c" };
  const colourOf = (row) => (row.verdict === "clear" && COLOURS[row.direction]) || COLOURS.other;
  const said = (row) => (row.direction ? `${T(row.verdict)}: ${T(row.direction)}` : T(row.verdict));

  /** Differences with their simultaneous intervals, one line for each policy, one panel for each outcome. */
  function forest(name, rows, width = 420) {
    const height = 34 + 26 * rows.length;
    const values = rows.flatMap((row) => [row.simultaneous_low, row.simultaneous_high, row.mean_difference, 0]).filter((value) => value !== null);
    const low = Math.min(...values), high = Math.max(...values), room = 0.06 * (high - low || 1);
    const space = "http://www.w3.org/2000/svg";
    const make = (tag, attributes, text) => {
      const made = document.createElementNS(space, tag);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      if (text !== undefined) made.textContent = text;
      return made;
    };
    const left = 182, at = (value) => left + ((value - low + room) / (high - low + 2 * room)) * (width - left - 8);
    const words = rows.map((row) => `${policyName(row.policy)} ${signed(row.mean_difference)} (${interval(row, "simultaneous")}), ${said(row)}`).join("; ");
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${name}: ${words}` });
    const marks = charts.ticks(low, high, 4);
    for (const tick of marks.found) {
      svg.append(make("line", { class: Math.abs(tick) < 1e-12 ? "axis" : "grid", x1: at(tick), x2: at(tick), y1: 4, y2: height - 20 }));
      svg.append(make("text", { x: at(tick), y: height - 6, "text-anchor": "middle" }, charts.figure(tick, marks.decimals)));
    }
    rows.forEach((row, place) => {
      const y = 20 + 26 * place, colour = colourOf(row);
      svg.append(make("text", { x: left - 8, y: y + 4, "text-anchor": "end", class: "ink" }, shortened(policyName(row.policy))));
      if (row.simultaneous_low !== null) svg.append(make("line", { x1: at(row.simultaneous_low), x2: at(row.simultaneous_high), y1: y, y2: y, stroke: colour, "stroke-width": 2.4 }));
      svg.append(make("circle", { cx: at(row.mean_difference), cy: y, r: 4.2, fill: colour }));
    });
    return svg;
  }

  const scenarioLabel = Object.fromEntries(scenarios.map((one) => [one.name, one.label]));
  /** A sentence with the labels of policies, scenarios and outcomes in the place of their names. */
  const labelled = (text) => {
    const [head, ...rest] = text.split(": ");
    const said = head.replace(/[a-z][\w-]*/g, (name) => (Object.hasOwn(labelOf, name) ? labelOf[name] : Object.hasOwn(scenarioLabel, name) ? scenarioLabel[name] : name));
    return [said, ...rest.map(outcomesLabelled)].join(": ");
  };
  const outcomesLabelled = (text) => text.replace(/[a-z]\w*(@\w+)?/g, (name) => (Object.hasOwn(outcomeOf, name.split("@")[0]) ? outcomeName(name) : name));

  /** A name that fits beside a picture. */
  const shortened = (text) => {
    const room = /[\u2e80-\uffff]/.test(text) ? 13 : 26;
    return text.length > room ? `${text.slice(0, room - 1)}…` : text;
  };

  /** What was found, a sentence for each policy in each scenario; in English as the report has it. */
  function found() {
    if (T.code === "en") return content.findings.map(labelled);
    const comma = "、";
    return scenarios.flatMap((scenario) => policies.filter((policy) => policy.name !== baseline).map((policy) => {
      const rows = comparison.rows.filter((row) => row.scenario === scenario.name && row.policy === policy.name);
      const kinds = [...new Set(rows.map((row) => row.verdict))].map((verdict) => `${T(verdict)}：${rows.filter((row) => row.verdict === verdict)
        .map((row) => `${outcomeName(row.outcome)}（${row.direction ? `${T(row.direction)} ` : ""}${signed(row.mean_difference)}）`).join(comma)}`);
      return `${policyName(policy.name)}（${T(scenario.label)}）：${kinds.join("；")}`;
    }));
  }

  function compareTab(panel) {
    const control = el("div", { class: "row" }), body = el("div");
    panel.append(el("h2", {}, "What was found"), el("ul", { class: "findings" }, found().map((text) => el("li", {}, document.createTextNode(text)))), control, body);
    return (state) => {
      control.replaceChildren(...[scenarioPick(state)].filter(Boolean));
      const rows = comparison.rows.filter((row) => row.scenario === state.scenario);
      const outcomes = [...new Set(rows.map((row) => row.outcome))];
      body.replaceChildren(
        el("h2", {}, T("Differences from {baseline}", { baseline: policyName(baseline) })),
        el("p", { class: "lead" }, T("Policy less {baseline} with the same seed, mean over {seeds}. Bars are simultaneous {level} intervals, which hold for all {rows} rows at once. Blue: clear and better; orange: clear and worse; grey: the other verdicts, and outcomes of which neither way is better.", { baseline: policyName(baseline), seeds: seeds(comparison.seeds), level, rows: comparison.rows.length })),
        el("p", { class: "note" }, document.createTextNode(`${content.vocabulary.map((text) => { const [verdict, ...meaning] = text.split(": "); return `${T(verdict)}: ${T(meaning.join(": "))}`; }).join("; ")}.`)),
        el("div", { class: "figures" }, outcomes.map((name) => {
          const one = outcomeOf[name.split("@")[0]];
          return page.figure({ heading: one ? one.label : name, unit: `${one ? T(one.difference_unit) : ""}; ${name.includes("@") ? T(/^\d+$/.test(name.split("@")[1]) ? "FY{year}" : name.split("@")[1], { year: name.split("@")[1] }) : T("last fiscal year")}`, picture: forest(outcomeName(name), rows.filter((row) => row.outcome === name)) });
        })),
        el("p", { class: "source" }, `${source}.`), el("br"),
        page.table(
          [{ label: "Outcome" }, { label: "Policy" }, { label: "level", n: true, show: (v) => short(v) }, { label: "difference", n: true, show: signed }, { label: T("simultaneous {level}", { level }), n: true }, { label: T("BCa {level}", { level }), n: true },
            { label: "better in", n: true, show: percent }, { label: "best with", n: true, show: percent }, { label: "verdict" }],
          rows.map((row) => [outcomeName(row.outcome), policyName(row.policy), row.policy_mean, row.mean_difference, interval(row, "simultaneous"), interval(row, "ci"), row.share_better, row.p_best, said(row)]),
          { heading: T("Policies against {baseline}, scenario {scenario}", { baseline: policyName(baseline), scenario: T((scenarios.find((one) => one.name === state.scenario) || {}).label || state.scenario) }), csv: () => ({ name: `itcho-compare-${state.scenario}.csv`, columns: Object.keys(rows[0]), rows: rows.map((row) => Object.values(row)) }), caption: "Better in: share of seeds. Best with: bootstrap probability of being best of all." }),
      );
    };
  }

  function fansTab(panel) {
    const control = el("div", { class: "row" }), body = el("div");
    panel.append(el("h2", {}, "Fan charts"),
      el("p", { class: "lead" }, T("Spread over {seeds}: bands hold 90, 80 and 50% of them in each year, the line is the median of each year, which is no path that any run took. Below: difference from {baseline} with the same seed.", { seeds: seeds(fans.replicates), baseline: policyName(baseline) })), control, body);
    return (state) => {
      const place = Math.max(0, scenarios.findIndex((one) => one.name === state.scenario));
      const column = Math.max(0, fans.outcomes.findIndex((one) => one.name === state.outcome));
      const one = fans.outcomes[column], found = fans.values[place].map((policy) => policy[column]);
      control.replaceChildren(...[page.select("Outcome", fans.outcomes.map((outcome) => [outcome.name, `${T(outcome.label)} (${T(outcome.unit)})`]), one.name, (outcome) => page.set({ outcome })), scenarioPick(state)].filter(Boolean));
      const ends = (kind, some) => [Math.min(...some.flatMap((fan) => fan[kind][0])), Math.max(...some.flatMap((fan) => fan[kind][6]))];
      const chart = (fan, kind, colour, range, policy) => charts.fan({
        x: fans.years, bands: [[0, 6], [1, 5], [2, 4]].map(([from, to]) => [fan[kind][from], fan[kind][to]]), median: fan[kind][3], colour, low: range[0], high: range[1], width: 330, height: 190,
        names: fans.years.map(yearName), decimals: one.decimals + (kind === "difference" ? 2 : 0),
        label: T("{what}, {kind}, policy {policy}: median {median} in {year}, 5 to 95%: {low} to {high}", {
          what: T(one.label), kind: T(kind), policy: policyName(policy), median: short(fan[kind][3][fans.years.length - 1]), year: yearName(fans.years[fans.years.length - 1]),
          low: short(fan[kind][0][fans.years.length - 1]), high: short(fan[kind][6][fans.years.length - 1]),
        }),
      });
      const levels = ends("level", found), others = found.slice(1), gaps = others.length ? ends("difference", others) : [0, 1];
      const rows = policies.flatMap((policy, slot) => fans.years.map((year, at) => [policy.name, year, ...["level", "difference"].flatMap((kind) => [0, 3, 6].map((line) => found[slot][kind][line][at]))]));
      const grid = (pieces) => el("div", { class: "figures", style: { gridTemplateColumns: `repeat(${Math.min(4, Math.max(2, pieces.length))}, minmax(0, 1fr))` } }, pieces);
      body.replaceChildren(
        grid(policies.map((policy, slot) => page.figure({ heading: policy.label, unit: T(one.reading === "mean" ? "{unit}, mean of fiscal year" : "{unit}, end of fiscal year", { unit: T(one.unit) }), picture: chart(found[slot], "level", "#0072B2", levels, policy.name) }))),
        el("br"), el("h3", {}, T("Differences from {baseline}", { baseline: policyName(baseline) })),
        grid(policies.map((policy, slot) => slot ? page.figure({ heading: policy.label, unit: one.difference_unit, picture: chart(found[slot], "difference", "#D55E00", gaps, policy.name) })
          : el("p", { class: "note" }, T("{policy} is what the others are compared with.", { policy: policyName(policy.name) })))),
        el("p", { class: "source" }, document.createTextNode(T.code === "en" ? `${one.definition} ${source}.` : source)), el("br"),
        page.table([{ label: "Policy", show: policyName }, { label: "FY" }, ...["level 5%", "median", "95%", "difference 5%", "median", "95%"].map((label, at) => ({ label, n: true, show: at < 3 ? (v) => short(v) : signed }))], rows, {
          heading: `${T(one.label)}, ${T(one.unit)}`, scroll: "short",
          csv: () => ({ name: `itcho-fan-${one.name}-${scenarios[place].name}.csv`, columns: ["policy", "fiscal_year", "level_p5", "level_p50", "level_p95", "difference_p5", "difference_p50", "difference_p95"], rows }),
        }));
    };
  }

  /** Measures over all scenarios of one outcome. */
  function across(state) {
    const known = Object.keys(comparison.robustness);
    if (!known.length) return [];
    const outcome = known.find((name) => name.split("@")[0] === state.outcome) || known[0];
    const names = [...new Set([baseline, ...comparison.policies])], card = comparison.robustness[outcome];
    const rows = card.map((one) => [T(content.measures[one.measure] || one.measure.replace(/_/g, " ")), ...names.map((name) => one.values[name] ?? null), one.best.map(policyName).join(", ")]);
    return [el("section", {}, el("h2", {}, "Across scenarios"),
      el("div", { class: "row" }, page.select("Outcome", known.map((name) => [name.split("@")[0], outcomeName(name)]), outcome.split("@")[0], (name) => page.set({ outcome: name }))),
      page.table([{ label: "Measure" }, ...names.map((name) => ({ label: policyName(name), n: true, show: (v) => short(v) })), { label: "best" }], rows, {
        heading: T("Measures over {scenarios}", { scenarios: counted(scenarios.length, "{count} scenario", "{count} scenarios") }), csv: () => ({ name: `itcho-across-scenarios-${outcome}.csv`, columns: ["measure", ...names, "best"], rows }),
      }))];
  }

  function costsTab(panel) {
    const control = el("div", { class: "row" }), body = el("div");
    panel.append(el("h2", {}, "What a trillion yen buys"), el("p", { class: "lead" }, "Programme cost per unit of what it is meant to buy, where the difference is clear; and which policies no other beats in every respect."), control, body);
    return (state) => {
      control.replaceChildren(...[scenarioPick(state)].filter(Boolean));
      const rows = comparison.cost_per_unit.filter((row) => row.scenario === state.scenario);
      const pareto = comparison.pareto[state.scenario];
      body.replaceChildren(
        page.table([{ label: "Outcome" }, { label: "Policy" }, { label: "cost, trn yen", n: true, show: (v) => short(v) }, { label: "bought", n: true, show: signed }, { label: "trn yen per unit", n: true, show: (v) => short(v) }, { label: T("{level} interval", { level }), n: true }, { label: "verdict" }, { label: "reading" }],
          rows.map((row) => [outcomeName(row.outcome), policyName(row.policy), row.cost_trn_yen, row.bought, row.trn_yen_per_unit, row.ci_low === null ? "–" : T("{low} to {high}", { low: short(row.ci_low), high: short(row.ci_high) }), row.verdict, row.reading]),
          { heading: "Cost per unit", csv: () => ({ name: `itcho-cost-${state.scenario}.csv`, columns: rows.length ? Object.keys(rows[0]) : [], rows: rows.map((row) => Object.values(row)) }) }),
        el("br"),
        pareto ? el("div", { class: "halves" }, page.table([{ label: "Policy" }, { label: "not beaten in", n: true, show: percent }], Object.entries(pareto.p_member).map(([name, share]) => [policyName(name), share]), {
          heading: T("Not beaten in every one of: {outcomes}", { outcomes: pareto.outcomes.map(outcomeName).join(", ") }), caption: T("On the means: {policies}. The share is of bootstrap draws.", { policies: pareto.members.map(policyName).join(", ") }) })) : null,
      );
    };
  }

  /** A parameter as people read it. */
  const parameterName = (name) => { const text = name.replace(/_/g, " "); return document.createTextNode(text.charAt(0).toUpperCase() + text.slice(1)); };

  /** Shares of variance, or elementary effects, as bars from zero with their intervals. */
  function driversFigure(row, measure) {
    const found = Object.entries(row.parameters).map(([name, one]) => [name, one[measure], one[`${measure}_low`], one[`${measure}_high`]]).filter((one) => one[1] !== null).sort((a, b) => b[1] - a[1]).slice(0, 12);
    const narrow = innerWidth < 640, width = narrow ? 360 : 620, left = narrow ? 150 : 250, tall = 22, height = 24 + tall * found.length;
    const space = "http://www.w3.org/2000/svg";
    const make = (tag, attributes, text) => { const made = document.createElementNS(space, tag); for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value); if (text !== undefined) made.textContent = text; return made; };
    const most = Math.max(1e-12, ...found.map((one) => Math.max(one[1], one[3] ?? 0))), at = (value) => left + (Math.max(0, value) / most) * (width - left - 46);
    const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": T("What drives {what}: {found}", { what: outcomeName(row.outcome), found: found.slice(0, 4).map((one) => `${one[0].replace(/_/g, " ")} ${short(one[1])}`).join(", ") }) });
    found.forEach(([name, value, low, high], place) => {
      const y = 8 + tall * place;
      svg.append(make("text", { x: left - 6, y: y + 12, "text-anchor": "end", class: "ink" }, shortened(parameterName(name).textContent)), make("rect", { x: left, y: y + 2, width: Math.max(0.5, at(value) - left), height: 12, fill: "#0072B2" }));
      if (low !== null && high !== null) svg.append(make("line", { class: "axis", x1: at(low), x2: at(high), y1: y + 8, y2: y + 8 }));
      svg.append(make("text", { x: at(Math.max(value, high ?? 0)) + 4, y: y + 12 }, short(value)));
    });
    return svg;
  }

  function sensitivitySection(state) {
    const found = content.sensitivity;
    if (!found) return [el("h2", {}, "What drives the differences"), el("p", { class: "note" }, "This study has no design that can tell: one with kind = “saltelli” or “morris” and uncertain parameters can.")];
    const rows = found.rows.filter((row) => row.scenario === state.scenario && row.of === "difference" && row.varies), total = found.design === "saltelli" ? "total" : "mu_star";
    const measure = rows.length && Object.hasOwn(Object.values(rows[0].parameters)[0], total) ? total : rows.length ? Object.keys(Object.values(rows[0].parameters)[0])[0] : "";
    return [el("h2", {}, "What drives the differences"),
      el("p", { class: "lead" }, T("{rows} rows of the design, {seeds} of each point. Bars: share of the variance that goes with a parameter, alone and together with others (Sobol), or its mean effect (Morris); lines: {level} intervals.", { rows: found.design_rows, seeds: seeds(found.seeds_per_point), level })),
      rows.length ? el("div", { class: "halves" }, rows.map((row) => page.figure({ heading: `${outcomeName(row.outcome)}: ${policyName(row.policy)}`, unit: T(measure === "mu_star" ? "mean effect" : "share of variance"), picture: driversFigure(row, measure), source }))) : el("p", {}, "Nothing varies."),
      page.table([{ label: "Outcome" }, { label: "Policy" }, { label: "Parameter", show: parameterName }, { label: "estimate", n: true, show: (v) => short(v) }, { label: T("{level} interval", { level }), n: true }],
        rows.flatMap((row) => Object.entries(row.parameters).map(([name, one]) => [outcomeName(row.outcome), policyName(row.policy), name, one[measure], one[`${measure}_low`] === null ? "–" : T("{low} to {high}", { low: short(one[`${measure}_low`]), high: short(one[`${measure}_high`]) })])),
        { heading: "All estimates", scroll: "short", csv: () => ({ name: "itcho-sensitivity.csv", columns: ["outcome", "policy", "parameter", measure, `${measure}_low`, `${measure}_high`], rows: rows.flatMap((row) => Object.entries(row.parameters).map(([name, one]) => [row.outcome, row.policy, name, one[measure], one[`${measure}_low`], one[`${measure}_high`]])) }) })];
  }

  const bound = (limit) => (limit.among ? limit.among.map((name) => T((scenarios.find((one) => one.name === name) || {}).label || name)).join(", ") : `${limit.side === "low" || limit.side === "min" ? "≥" : "≤"} ${short(limit.bound)}`);

  function discoverySection() {
    const found = content.discovery;
    const head = [el("h2", {}, "In which futures it goes otherwise"), el("p", { class: "lead" }, "For each policy the rarer sign of its difference, and the box of parameters and scenarios that holds most of those cases (PRIM). Nothing is claimed where a search of shuffled cases does as well.")];
    if (!found) return [...head, el("p", { class: "note" }, "There are more runs than are looked through here: itcho study discover does.")];
    if (!found.length) return [...head, el("p", { class: "note" }, "Nothing to tell: only luck varies between the worlds of this study, one sign holds in all of them, or they are fewer than a search needs.")];
    const rows = found.map((one) => {
      const starred = one.trajectory.find((box) => box.star) || one.trajectory[one.trajectory.length - 1];
      const less = one.where.includes("<");
      return [`${outcomeName(one.outcome)} ${less ? "< 0" : "> 0"}`, policyName(one.policy), `${one.of_interest} / ${one.cases}`,
        starred.limits.length ? starred.limits.map((limit) => `${parameterName(limit.input).textContent} ${bound(limit)}`).join("; ") : "–", starred.coverage, starred.density, one.p_search];
    });
    return [...head, page.table([{ label: "Difference" }, { label: "Policy" }, { label: "cases", n: true }, { label: "where" }, { label: "coverage", n: true, show: percent }, { label: "density", n: true, show: percent }, { label: "p of the search", n: true, show: (v) => short(v) }], rows.map((row) => [row[0], row[1], row[2], document.createTextNode(row[3]), ...row.slice(4)]), {
      heading: "Boxes found", csv: () => ({ name: "itcho-discovery.csv", columns: ["difference", "policy", "cases", "where", "coverage", "density", "p_search"], rows }),
    })];
  }

  function driversTab(panel) {
    const control = el("div", { class: "row" }), body = el("div");
    panel.append(control, body);
    return (state) => {
      control.replaceChildren(...[scenarioPick(state)].filter(Boolean));
      body.replaceChildren(...sensitivitySection(state), el("br"), ...discoverySection(), ...across(state));
    };
  }

  function madeTab(panel) {
    panel.append(page.provenance(content.manifest));
    const sessions = content.manifest.sessions;
    if (content.parameters.length) panel.append(el("section", {}, page.table([{ label: "name" }, { label: "value", n: true }], content.parameters.map((one) => [parameterName(one.name), one.value]), { heading: "Parameters that differ from their defaults" })));
    else panel.append(el("p", { class: "note" }, "All parameters have their default values."));
    if (content.uncertain.length) panel.append(el("section", {}, page.table([{ label: "name" }, { label: "low", n: true }, { label: "high", n: true }], content.uncertain.map((one) => [parameterName(one.name), one.low, one.high]), { heading: "Uncertain parameters" })));
    panel.append(el("section", {}, page.table([{ label: "began" }, { label: "runs", n: true }, { label: "seconds", n: true }, { label: "itcho" }, { label: "source" }, { label: "command" }],
      sessions.map((one) => [one.began, one.runs, number(one.seconds, 1), one.itcho, document.createTextNode(one.source), document.createTextNode(one.command)]), { heading: "Sessions that made these runs" })));
    return null;
  }

  page.head(T("Study {study}: {policies}", { study: content.manifest.study, policies: policies.filter((one) => one.name !== baseline).map((one) => policyName(one.name)).join(", ") }), T("{policies}, {scenarios}, {seeds} of {years} each, start {start}; compared with: {baseline}.", { policies: counted(policies.length, "{count} policy", "{count} policies"), scenarios: counted(scenarios.length, "{count} scenario", "{count} scenarios"), seeds: paired(comparison.seeds), years: counted(comparison.years, "{count} year", "{count} years"), start: content.manifest.start, baseline: policyName(baseline) }));
  page.tabs.push(
    { key: "compare", label: "Comparison", build: compareTab }, { key: "fans", label: "Fan charts", build: fansTab },
    { key: "costs", label: "What a yen buys", build: costsTab }, { key: "drivers", label: "What drives it", build: driversTab }, { key: "made", label: "Provenance", build: madeTab },
  );
  page.start();
})();
