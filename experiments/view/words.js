"use strict";
/* The words of a page in the language that is chosen: every text is written in English and looked up when it is shown. */

(() => {
  const LOCALES = { en: "en-GB", ja: "ja-JP", "zh-Hant": "zh-TW" };
  const chosen = { code: "en", words: {} };

  /** Texts that were shown as they are because the chosen language has no words for them. */
  const untranslated = new Set();

  /** Texts that were made here: they are not looked up again where they are shown. */
  const made = new Set();
  const NUMBER = /\d[\d,]*/g, LESS = [", less paid", ", pays less"];

  function looked_up(english) {
    if (Object.hasOwn(chosen.words, english)) return chosen.words[english];
    const less = LESS.find((ending) => english.endsWith(ending));
    if (less) return `${looked_up(english.slice(0, -less.length))}（${looked_up(less.slice(2))}）`;
    // A sentence of the model's with its counts in it: known with a sign in the place of each.
    const counts = english.match(NUMBER) || [], sentence = english.replace(NUMBER, "#");
    if (counts.length && Object.hasOwn(chosen.words, sentence)) return chosen.words[sentence].replace(/#/g, () => counts.shift());
    // What holds a sign of another writing was put together from texts that were looked up.
    if (/[A-Za-z]{2}/.test(english) && !/[\u2e80-\uffee]/.test(english)) untranslated.add(english);
    return english;
  }

  /** `english` in the chosen language, its fields in braces filled; what has no translation (a user's own name) stays. */
  function words(english, fields) {
    let text = english;
    if (chosen.code !== "en" && typeof english === "string" && !made.has(english)) text = looked_up(english);
    if (fields) text = text.replace(/\{(\w+)\}/g, (all, name) => (Object.hasOwn(fields, name) ? String(fields[name]) : all));
    if (chosen.code !== "en") made.add(text);
    return text;
  }

  Object.defineProperty(words, "code", { get: () => chosen.code });
  /** Formats of numbers, kept: making one costs more than a hundred numbers written with it. */
  const formats = new Map();

  globalThis.itchoWords = Object.assign(words, {
    untranslated,
    /** A number with `least` to `most` decimals. */
    number(value, least = 0, most = least) {
      const key = 32 * least + most;
      if (!formats.has(key)) formats.set(key, new Intl.NumberFormat("en-GB", { minimumFractionDigits: least, maximumFractionDigits: most }));
      return formats.get(key).format(value);
    },
    use(code, known) { chosen.code = code; chosen.words = known || {}; },
    /** A month by name: of an ISO date. */
    month(date) {
      return new Date(`${date}T00:00:00Z`).toLocaleDateString(LOCALES[chosen.code] || "en-GB", { month: "long", year: "numeric", timeZone: "UTC" });
    },
    /** A month for a small place. */
    shortMonth(date) {
      return new Date(`${date}T00:00:00Z`).toLocaleDateString(LOCALES[chosen.code] || "en-GB", { month: "short", year: "numeric", timeZone: "UTC" });
    },
  });
})();
