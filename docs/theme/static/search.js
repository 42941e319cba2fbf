// The site's search: looks for every word of a query in the text of every page.
//
// Chinese is written without spaces, so a run of it is cut into overlapping pairs: a page has to hold
// most of them, and one that holds the whole run comes first. No segmentation, hence no dictionary.
"use strict";

(function (root) {
  const CHINESE = /[\u3400-\u9fff]+/g;
  const MOST = 60;

  const ENOUGH = 0.6;

  // [[whole, pairs], …]: the words of a query, and what a Chinese one is made of.
  function wanted(query) {
    const found = [];
    for (const word of query.toLowerCase().split(/[\s,，。、]+/).filter(Boolean)) {
      const runs = word.match(CHINESE) || [];
      const rest = word.replace(CHINESE, " ").split(" ").filter(Boolean);
      rest.forEach((one) => found.push([one, []]));
      for (const run of runs) {
        const pairs = [];
        for (let at = 0; run.length > 2 && at + 2 <= run.length; at += 1) pairs.push(run.slice(at, at + 2));
        found.push([run, pairs]);
      }
    }
    return found;
  }

  function score(title, text, terms) {
    const worth = (term) => (title.includes(term) ? 20 : 0) + Math.min(text.split(term).length - 1, 5);
    let sum = 0;
    for (const [whole, pairs] of terms) {
      const held = pairs.map(worth).filter(Boolean);
      const own = worth(whole);
      if (!own && !(pairs.length && held.length >= ENOUGH * pairs.length)) return 0;
      sum += 3 * own + held.reduce((one, other) => one + other, 0);
    }
    return sum;
  }

  // Returns the rows of the index that a query finds, best first.
  function search(rows, query) {
    const terms = wanted(query);
    if (!terms.length) return [];
    return rows
      .map((row) => [score(row[1].toLowerCase(), row[2].toLowerCase(), terms), row])
      .filter(([sum]) => sum > 0)
      .sort((one, other) => other[0] - one[0])
      .slice(0, MOST)
      .map(([, row]) => row);
  }

  // Returns a piece of a text around the first of the words, in parts: [[text, marked], …].
  function excerpt(text, query) {
    const low = text.toLowerCase();
    const terms = wanted(query).flatMap(([whole, pairs]) => [whole, ...pairs]);
    const at = Math.max(0, Math.min(...terms.map((one) => low.indexOf(one)).filter((n) => n >= 0), text.length) - 40);
    const piece = text.slice(at === text.length - 40 ? 0 : at, at + 160);
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

  function show(list, rows, query) {
    list.replaceChildren(
      ...search(rows, query).map(([name, title, text]) => {
        const item = document.createElement("li");
        const link = item.appendChild(document.createElement("a"));
        link.href = name + ".html";
        link.textContent = title;
        const around = item.appendChild(document.createElement("p"));
        for (const [part, marked] of excerpt(text, query)) {
          const piece = document.createElement(marked ? "mark" : "span");
          piece.textContent = part;
          around.appendChild(piece);
        }
        return item;
      }),
    );
    if (!list.children.length && query.trim()) list.textContent = "∅";
  }

  if (typeof module === "object") {
    module.exports = { search, excerpt, wanted };
    return;
  }
  const list = document.getElementById("site-found");
  const field = document.querySelector(".site-search input");
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", () => show(list, root.wechatpaySearch, field.value));
  field.form.addEventListener("submit", (event) => event.preventDefault());
  show(list, root.wechatpaySearch, field.value);
  field.focus();
})(typeof window === "object" ? window : globalThis);
