// The site's search: looks for every word of a query, or a synonym of it, in the text of every page.
//
// Chinese is written without spaces, so a run of it is cut into the words that are known, and into overlapping
// pairs: a page that holds the run itself or all of the known words comes first, then those that hold most pairs.
// What is worth how much is the same as in wechatpay.api.search.
"use strict";

(function (root) {
  const CHINESE = /[\u3400-\u9fff]+/g;
  const MOST = 60;
  const ENOUGH = 0.6;
  const SYNONYM = 0.8;
  const CUT = 0.9;
  const IN_TEXT = 5;
  const LEAST_LIKENESS = 0.6;

  // The words of a query that say something, with those that are a phrase of the synonyms or of a page's topics in one,
  // the longest first.
  function phrases(words, { rows, synonyms, fillers }) {
    const found = [];
    const known = (phrase) =>
      synonyms.some((group) => group.includes(phrase)) || rows.some((row) => row[6].includes(`|${phrase}|`));
    while (words.length) {
      let length = words.length;
      while (length > 1 && !known(words.slice(0, length).join(" "))) length -= 1;
      found.push(words.splice(0, length).join(" "));
    }
    const telling = found.filter((one) => !fillers.includes(one));
    return telling.length ? telling : found;
  }

  // What means the same as a word.
  function alternatives(word, synonyms) {
    const groups = synonyms.filter((group) => group.includes(word));
    return [...new Set(groups.flat())].filter((one) => one !== word);
  }

  // The known words within a run of Chinese, the longest from the left, and what is left between them.
  function cut(run, { synonyms, fillers }) {
    const known = [];
    let rest = "";
    for (let at = 0; at < run.length; ) {
      let end = run.length;
      const within = () => run.slice(at, end);
      const isKnown = () => fillers.includes(within()) || synonyms.some((group) => group.includes(within()));
      while (end > at + 1 && !isKnown()) end -= 1;
      const word = end > at + 1 ? within() : "";
      if (word && word !== run && !fillers.includes(word)) known.push(word);
      rest += word ? " " : run[at];
      at += word.length || 1;
    }
    return [known, known.length ? rest.split(" ").filter((one) => one.length > 1) : []];
  }

  // [[run, synonyms, pairs, [known, others]], …]: the words of a query, what means the same, and what a Chinese one is
  // made of.
  function wanted(query, index) {
    const { synonyms } = index;
    const found = [];
    const add = (run, pairs) => {
      const parts = CHINESE.test(run) ? cut(run, index) : [[], []];
      CHINESE.lastIndex = 0;
      found.push([run, alternatives(run, synonyms), pairs, parts]);
    };
    for (const word of phrases(query.toLowerCase().split(/[\s,，。、?？]+/).filter(Boolean), index)) {
      if (word.includes(" ")) {
        add(word, []);
        continue;
      }
      const runs = word.match(CHINESE) || [];
      word.replace(CHINESE, " ").split(" ").filter(Boolean).forEach((one) => add(one, []));
      for (const run of runs) {
        const pairs = [];
        for (let at = 0; run.length > 2 && at + 2 <= run.length; at += 1) pairs.push(run.slice(at, at + 2));
        add(run, pairs);
      }
    }
    return found;
  }

  // Whether a text holds a word: a short one by itself only, not `app` in `applyment`.
  function holds(text, word) {
    return text.includes(word) && (!/^[a-z0-9]{1,3}$/.test(word) || new RegExp("\\b" + word + "\\b").test(text));
  }

  function worth(word, [, title, text, heads, address, , topics]) {
    let sum = Math.min(text.split(word).length - 1, IN_TEXT);
    if (topics.includes(`|${word}|`)) sum += 50;
    if (holds(heads, word)) sum += 15;
    if (holds(title, word)) sum += 30 + (title.startsWith(word) ? 5 : 0) + (title === word ? 10 : 0);
    if (holds(address, word)) sum += title === address ? 0 : 20;
    if (address.split(/[ /]/).includes(word)) sum += 15;
    return sum;
  }

  function worthOfAny(word, synonyms, row) {
    return Math.max(worth(word, row), ...synonyms.map((one) => SYNONYM * worth(one, row)));
  }

  function score(row, terms, synonyms) {
    let sum = 0;
    let strongest = 0;
    for (const [run, same, pairs, [known, others]] of terms) {
      let best = worthOfAny(run, same, row);
      const parts = known.map((one) => worthOfAny(one, alternatives(one, synonyms), row));
      if (parts.length && parts.every(Boolean)) {
        const rest = others.map((one) => worth(one, row));
        best = Math.max(best, CUT * [...parts, ...rest].reduce((one, other) => one + other));
      }
      const held = pairs.filter((one) => row[2].includes(one) || row[1].includes(one)).length;
      if (best) sum += 10 + best;
      else if (pairs.length && held >= ENOUGH * pairs.length) sum += held;
      else return null;
      strongest = Math.max(strongest, best);
    }
    // A guide that only mentions the words is not what is meant before all others.
    return sum + (strongest > IN_TEXT ? row[5] : strongest ? Math.min(row[5], IN_TEXT) : 0);
  }

  // Returns the rows of the index that a query finds, best first.
  function search(index, query) {
    const { rows, synonyms } = index;
    const terms = wanted(query, index);
    if (!terms.length) return [];
    const low = (row) => row.map((one) => (typeof one === "string" ? one.toLowerCase() : one));
    return rows
      .map((row) => [score(low(row), terms, synonyms), row])
      .filter(([sum]) => sum !== null)
      .sort((one, other) => other[0] - one[0])
      .slice(0, MOST)
      .map(([, row]) => row);
  }

  // How many letters two words have in common, as a share of the longer one's; letters that changed places count
  // as one slip.
  function likeness(one, other) {
    const rows = [Array.from({ length: other.length + 1 }, (_, n) => n)];
    for (let i = 1; i <= one.length; i += 1) {
      rows.push([i]);
      for (let j = 1; j <= other.length; j += 1) {
        const changed = rows[i - 1][j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
        let slips = Math.min(changed, rows[i - 1][j] + 1, rows[i][j - 1] + 1);
        const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
        if (swapped) slips = Math.min(slips, rows[i - 2][j - 2] + 1);
        rows[i].push(slips);
      }
    }
    return 1 - rows[one.length][other.length] / Math.max(one.length, other.length);
  }

  // Returns words that find something, close to those of a query that finds nothing; or null. A word like no other is
  // left out.
  function suggestion(index, query) {
    const known = new Set(index.synonyms.flat());
    for (const row of index.rows) (row[4].toLowerCase().match(/[a-z]{3,}/g) || []).forEach((one) => known.add(one));
    const meant = [];
    for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
      const [best, like] = [...known]
        .map((one) => [one, likeness(word, one)])
        .reduce((one, other) => (other[1] > one[1] ? other : one), ["", 0]);
      if (like >= LEAST_LIKENESS) meant.push(best);
    }
    const words = meant.join(" ");
    return words && search(index, words).length ? words : null;
  }

  // Returns a piece of a text around the first of the words, in parts: [[text, marked], …].
  function excerpt(text, query, index) {
    const low = text.toLowerCase();
    const terms = wanted(query, index).flatMap(([run, same, pairs, [known]]) => [run, ...same, ...known, ...pairs]);
    const first = Math.min(...terms.map((one) => low.indexOf(one)).filter((n) => n >= 0), text.length);
    const around = first === text.length ? 0 : Math.max(0, first - 40);
    // It begins and ends with a whole word where words are set apart.
    const word = text.lastIndexOf(" ", first) + 1;
    const gap = around ? text.indexOf(" ", around) + 1 : 0;
    const at = word > around ? gap : first - word < 100 ? word : around;
    const end = at + 160 < text.length ? text.lastIndexOf(" ", at + 160) : text.length;
    const piece = text.slice(at, end > at + 120 ? end : at + 160);
    const parts = [];
    let from = 0;
    while (from < piece.length) {
      const next = terms
        .map((one) => [piece.toLowerCase().indexOf(one, from), one.length])
        .filter(([n]) => n >= 0)
        .sort((one, other) => one[0] - other[0] || other[1] - one[1])[0];
      if (!next) break;
      if (next[0] > from) parts.push([piece.slice(from, next[0]), false]);
      parts.push([piece.slice(next[0], next[0] + next[1]), true]);
      from = next[0] + next[1];
    }
    if (from < piece.length) parts.push([piece.slice(from), false]);
    return parts;
  }

  function item(index, query, [name, title, text, , address]) {
    const shown = document.createElement("li");
    const link = shown.appendChild(document.createElement("a"));
    link.href = name + ".html";
    link.textContent = title;
    if (address && address !== title) shown.appendChild(document.createElement("code")).textContent = address;
    const around = shown.appendChild(document.createElement("p"));
    for (const [part, marked] of excerpt(text, query, index)) {
      const piece = document.createElement(marked ? "mark" : "span");
      piece.textContent = part;
      around.appendChild(piece);
    }
    return shown;
  }

  function show(index, query) {
    const found = search(index, query);
    list.replaceChildren(...found.map((row) => item(index, query, row)));
    none.hidden = found.length > 0 || !query.trim();
    if (none.hidden) return;
    const meant = suggestion(index, query);
    none.textContent = none.dataset.nothing + (meant ? " " + none.dataset.meant + " " : "");
    if (meant) {
      const link = none.appendChild(document.createElement("a"));
      link.href = "?q=" + encodeURIComponent(meant);
      link.textContent = meant;
    }
  }

  if (typeof module === "object") {
    module.exports = { search, suggestion, excerpt, wanted };
    return;
  }
  const list = document.getElementById("site-found");
  const none = document.getElementById("site-none");
  const field = document.querySelector(".site-search input");
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", () => show(root.wechatpaySearch, field.value));
  field.form.addEventListener("submit", (event) => event.preventDefault());
  show(root.wechatpaySearch, field.value);
  field.focus();
})(typeof window === "object" ? window : globalThis);
