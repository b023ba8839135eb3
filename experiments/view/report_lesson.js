"use strict";
/* A lesson on the page of a run: who moves the yen?  Predict, then see; all answers are the run's own numbers. */

(() => {
  const page = globalThis.itchoPage, charts = globalThis.itchoCharts, content = page.content;
  if (content.kind !== "run") return;
  const { el, number } = page;
  const T = globalThis.itchoWords;
  const { closed, years, yearName, fiscalYear, when, monthName, twin, policy } = globalThis.itchoRun;
  const find = (name) => content.outcomes.find((one) => one.name === name);
  const usdjpy = find("usdjpy");
  if (!usdjpy || closed.length < 12) return;
  const opening = usdjpy.run[0], last = usdjpy.run[usdjpy.run.length - 1];

  /* Who moved it, in five groups that a class can tell apart. */
  const PLAYERS = [
    ["Buyers and sellers of goods, and of income abroad", ["goods_trade", "income_and_transfers"]],
    ["Importers of chips and AI services", ["chip_imports", "ai_services"]],
    ["Savers and investors in Japan", ["households_and_funds", "insurers_and_pensions", "banks", "direct_investment", "softbank"]],
    ["Investors abroad", ["foreign_investors"]],
    ["Carry traders and speculators", ["carry_traders", "fundamentalists", "chartists"]],
  ];
  const movedBy = (side, names) => content.attribution.clients.reduce((sum, client, at) =>
    (names.includes(client) ? sum + content.attribution[side][at].reduce((all, value) => all + (value || 0), 0) : sum), 0);
  const byYear = (side, names) => years.map((year) => content.attribution.clients.reduce((sum, client, at) =>
    (names.includes(client) ? sum + content.attribution[side][at].reduce((all, value, month) => (fiscalYear(closed[month]) === year ? all + (value || 0) : all), 0) : sum), 0));

  function pathPicture(values, label, names, options = {}) {
    return charts.lines({ x: closed.map(when), names, series: [{ label, colour: options.colour || "#0072B2", width: 2, values }], width: 760, height: 240, zero: Boolean(options.zero), decimals: options.decimals || 1, sign: Boolean(options.zero), label: T(label) });
  }

  const sizes = [0.1, 1, 5];
  const sizeNames = ["less than 0.1 yen", "0.1 to 1 yen", "1 to 5 yen", "more than 5 yen"];
  const sizeOf = (value) => sizes.filter((limit) => Math.abs(value) >= limit).length;
  const months = closed.map(monthName);

  /** Each: what is asked, what can be answered, which answer is right, what is said and shown afterwards. */
  function questions() {
    const asked = [];
    asked.push({
      ask: T("In {month} a dollar costs {price} yen. Where is it in {later}?", { month: monthName(closed[0]), price: number(opening, 0), later: monthName(closed[closed.length - 1]) }),
      options: ["The yen is weaker: a dollar costs more", "The yen is stronger: a dollar costs less"], right: last > opening ? 0 : 1,
      said: T("It costs {price} yen. This is one possible world; in another the answer may be the other one.", { price: number(last, 0) }),
      show: () => pathPicture(usdjpy.run, "USD/JPY", months),
    });
    const totals = PLAYERS.map(([, names]) => movedBy("run", names));
    const strongest = totals.indexOf(Math.min(...totals)), weakest = totals.indexOf(Math.max(...totals));
    const parts = PLAYERS.map(([label, names], at) => ({ label, colour: charts.PALETTE[at], values: byYear("run", names) }));
    const shares = () => [
      charts.stack({ x: years, names: years.map(yearName), series: parts, width: 760, height: 300, label: T("Who moved the yen") }),
      el("div", { class: "legend" }, parts.map((one) => el("span", {}, el("i", { class: "swatch", style: { background: one.colour } }), one.label))),
      el("p", { class: "source" }, "log percent by fiscal year, up is a weaker yen; news and dealers, who also move it, are left out here"),
    ];
    asked.push({
      ask: T("Whose orders pushed the yen down most (made a dollar dearer)?"), options: PLAYERS.map((one) => one[0]), right: weakest,
      said: T("{who}: {value} log percent over the whole time.", { who: T(PLAYERS[weakest][0]), value: number(totals[weakest], 1, true) }), show: shares,
    });
    asked.push({
      ask: T("And whose orders pushed it up most (made a dollar cheaper)?"), options: PLAYERS.map((one) => one[0]), right: strongest,
      said: T("{who}: {value} log percent. The big movers nearly cancel: the yen is what is left over.", { who: T(PLAYERS[strongest][0]), value: number(totals[strongest], 1, true) }), show: shares,
    });
    if (twin) {
      const gap = usdjpy.run.map((value, at) => (value === null || usdjpy.twin[at] === null ? null : value - usdjpy.twin[at]));
      const size = gap[gap.length - 1];
      asked.push({
        ask: T("The programme pays a trillion yen, mostly for chips that are bought in dollars. By how much does it change the price of a dollar at the end?"),
        options: sizeNames, right: sizeOf(size),
        said: T("By {value} yen, in this one world: {policy} against the same world without it.", { value: number(size, 2, true), policy }),
        show: () => pathPicture(gap, "difference from no programme", months, { colour: "#D55E00", zero: true, decimals: 2 }),
      });
    }
    const fan = content.ensemble && content.ensemble.fans.find((one) => one.name === "usdjpy");
    if (fan) {
      const at = content.ensemble.years.length - 1, width = fan.level[4][at] - fan.level[0][at];
      const options = ["about 1 yen", "about 10 yen", "about 50 yen"];
      asked.push({
        ask: T("{pairs} worlds with the same rules and other luck: how far apart are nine of ten of them in {year}?", { pairs: content.ensemble.pairs, year: T("FY{year}", { year: content.ensemble.years[at] }) }),
        options, right: width < 3 ? 0 : width < 25 ? 1 : 2,
        said: T("{value} yen apart: luck moves the yen far more than the programme does. So whoever shows you one path shows you luck.", { value: number(width, 0) }),
        show: () => charts.fan({
          x: content.ensemble.years, names: content.ensemble.years.map((year) => T("FY{year}", { year })), bands: [[fan.level[0], fan.level[4]], [fan.level[1], fan.level[3]]], bandNames: ["nine worlds of ten", "half of the worlds"],
          median: fan.level[2], colour: "#0072B2", low: Math.min(...fan.level[0]), high: Math.max(...fan.level[4]), width: 760, height: 260, label: T("{what}: where the worlds lie", { what: T(fan.label) }),
        }),
      });
    }
    return asked;
  }

  function lessonTab(panel) {
    const asked = questions(), answers = asked.map(() => null), body = el("div");
    panel.append(el("h2", {}, "Who moves the yen? A lesson in ten minutes"),
      el("p", { class: "lead" }, "First decide, then see. Every answer is a number of this run, nothing is looked up anywhere, and no answer can be taken back."), body);
    const draw = () => {
      const open = answers.findIndex((answer) => answer === null), reached = open < 0 ? asked.length : open + 1;
      body.replaceChildren(...asked.slice(0, reached).map((one, place) => {
        const answer = answers[place];
        return el("section", { class: "question", "data-question": String(place) },
          el("h3", {}, `${place + 1}. `, one.ask),
          el("div", { class: "row", role: "group", "aria-label": one.ask }, one.options.map((text, at) => el("button", {
            type: "button", "data-option": String(at), disabled: answer !== null, "aria-pressed": String(answer === at),
            class: answer === null ? null : at === one.right ? "right" : answer === at ? "wrong" : null,
            onclick: () => { answers[place] = at; draw(); },
          }, text))),
          answer === null ? null : el("p", { class: "answer", role: "status" }, T(answer === one.right ? "Yes." : "No."), " ", one.said),
          answer === null ? null : el("figure", {}, one.show()));
      }));
      if (open < 0) {
        const right = asked.filter((one, place) => answers[place] === one.right).length;
        body.append(el("section", { id: "lesson-end" }, el("h3", {}, T("{right} of {all} predictions were right.", { right, all: asked.length })),
          el("p", {}, "What to talk about: who was surprised by what? Why do large movers cancel? What would have to be different for a trillion yen to move the yen by ten?"),
          el("button", { type: "button", onclick: () => { answers.fill(null); draw(); } }, "Begin again")));
      }
    };
    draw();
    return null;
  }

  page.lessonTab = { key: "lesson", label: "A lesson", build: lessonTab };
})();
