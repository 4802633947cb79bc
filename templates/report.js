// The rows of the page: filters, sorts, searches, pages and downloads them. Text goes into the page by
// `textContent` only, never as markup.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const LABELS = ["supportive", "neutral", "critical"];
  const count = new Intl.NumberFormat("en");

  // Dark mode: the system's, until the reader says otherwise.
  const root = document.documentElement;
  const theme = $("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("toward-theme"); } catch { return null; } };
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const showTheme = () => {
    theme.setAttribute("aria-pressed", String(dark()));
    theme.textContent = dark() ? "Light mode" : "Dark mode";
    theme.setAttribute("aria-label", "Dark mode");
  };
  const chosen = remembered();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  theme.hidden = false;
  showTheme();
  system.addEventListener("change", showTheme);
  theme.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem("toward-theme", root.dataset.theme); } catch { /* a page without storage forgets */ }
    showTheme();
  });

  // A printed page has everything open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });

  if (!$("explorer")) return;
  $("loading").hidden = false;
  // The summary is painted before the rows are read.
  requestAnimationFrame(() => setTimeout(start, 0));

  function start() {
    const data = JSON.parse($("data").textContent);
    $("data").remove();
    const { n, columns, roles } = data;

    // The text of a cell, as it was in the file.
    const cell = (column, row) => {
      if (column.int) return String(column.int[row]);
      if (column.dec) return (column.dec[row] / 10000).toFixed(4);
      return column.dict[column.of ? column.of[row] : 0];
    };
    const code = (column, row) => (column.of ? column.of[row] : 0);
    const number = (column, row) => {
      if (column.int) return column.int[row];
      if (column.dec) return column.dec[row] / 10000;
      return Number.parseFloat(cell(column, row));
    };
    const sentence = columns[roles.sentence];
    const actor = columns[roles.actor];
    const source = roles.source === null ? null : columns[roles.source];
    const date = roles.date === null ? null : columns[roles.date];
    const labels = new Uint8Array(n);
    for (let row = 0; row < n; row++) labels[row] = "snc".indexOf(data.labels[row]);
    const probabilities = roles.probabilities.map((at) => {
      const values = new Float64Array(n);
      for (let row = 0; row < n; row++) values[row] = number(columns[at], row);
      return values;
    });

    // Ranks of a dictionary's texts, so that sorting compares numbers.
    const collator = new Intl.Collator("en", { numeric: true });
    const ranks = (texts) => {
      const order = texts.map((_, at) => at).sort((a, b) => collator.compare(texts[a], texts[b]));
      const rank = new Int32Array(texts.length);
      for (let at = 0; at < order.length; at++) {
        const same = at > 0 && collator.compare(texts[order[at]], texts[order[at - 1]]) === 0;
        rank[order[at]] = same ? rank[order[at - 1]] : at;
      }
      return rank;
    };
    const through = (column, values) => {
      const keys = new Float64Array(n);
      for (let row = 0; row < n; row++) keys[row] = values[code(column, row)];
      return keys;
    };
    // The rows by text are sorted by their ranks; rows without a day come first.
    const days = () => data.days.map((day) => (day === null ? -1 : Number(day.replaceAll("-", ""))));

    const shown = [
      { id: "order", title: "Row", keys: () => Float64Array.from({ length: n }, (_, row) => row) },
      { id: "sentence", title: "Sentence", keys: () => through(sentence, ranks(sentence.dict)) },
      { id: "actor", title: "Actor", keys: () => through(actor, ranks(actor.dict)) },
      { id: "label", title: "Label", keys: () => Float64Array.from(labels) },
      { id: "supportive", title: "Supportive", keys: () => probabilities[0], high: true },
      { id: "critical", title: "Critical", keys: () => probabilities[2], high: true },
    ];
    if (date) shown.push({ id: "date", title: "Date", keys: () => through(date, days()) });
    if (source) shown.push({ id: "source", title: "Source", keys: () => through(source, ranks(source.dict)) });

    let sort = { id: "order", descending: false };
    let found = new Int32Array(0);
    let page = 0;
    const keys = new Map();

    // Filters
    const counts = (column) => {
      const counts = new Uint32Array(column.dict.length);
      for (let row = 0; row < n; row++) counts[code(column, row)]++;
      return counts;
    };
    const fill = (select, column) => {
      const totals = counts(column);
      const order = column.dict.map((_, at) => at);
      order.sort((a, b) => totals[b] - totals[a] || collator.compare(column.dict[a], column.dict[b]));
      for (const at of order) {
        const option = document.createElement("option");
        option.value = String(at);
        option.textContent = `${column.dict[at].trim() || "(none)"} (${count.format(totals[at])})`;
        select.append(option);
      }
    };
    fill($("filter-actor"), actor);
    if (source) fill($("filter-source"), source);

    let lower = null;
    // Which sentences have all the words; null for all of them.
    const matching = (query) => {
      const words = query.toLowerCase().split(/\s+/u).filter(Boolean);
      if (words.length === 0) return null;
      lower ??= sentence.dict.map((text) => text.toLowerCase());
      return Uint8Array.from(lower, (text) => (words.every((word) => text.includes(word)) ? 1 : 0));
    };

    const value = (id) => $(id)?.value ?? "";
    function filter() {
      const wantedActor = value("filter-actor") === "" ? -1 : Number(value("filter-actor"));
      const wantedSource = value("filter-source") === "" ? -1 : Number(value("filter-source"));
      const from = value("filter-from");
      const to = value("filter-to");
      const wanted = LABELS.map((label) => document.querySelector(`input[name=label][value=${label}]`).checked);
      const hits = matching($("search").value);
      const inTime = (from || to) && date
        ? data.days.map((day) => day !== null && (!from || day >= from) && (!to || day <= to))
        : null;
      const rows = new Int32Array(n);
      const tally = [0, 0, 0];
      let kept = 0;
      for (let row = 0; row < n; row++) {
        if (!wanted[labels[row]]) continue;
        if (wantedActor >= 0 && code(actor, row) !== wantedActor) continue;
        if (wantedSource >= 0 && code(source, row) !== wantedSource) continue;
        if (inTime && !inTime[code(date, row)]) continue;
        if (hits && !hits[code(sentence, row)]) continue;
        tally[labels[row]]++;
        rows[kept++] = row;
      }
      found = rows.subarray(0, kept);
      order();
      page = 0;
      const share = (at) => (kept === 0 ? 0 : (100 * tally[at]) / kept);
      $("found").textContent = kept === n ? `${count.format(n)} rows` : `${count.format(kept)} of ${count.format(n)} rows`;
      stack($("found-stack"), LABELS.map((_, at) => share(at)), "of the rows found");
      $("download").disabled = kept === 0;
      show();
    }

    function stack(element, percents, what) {
      element.replaceChildren(...percents.map((percent, at) => {
        const part = document.createElement("span");
        part.className = LABELS[at];
        part.style.width = `${percent}%`;
        return part;
      }));
      const text = LABELS.map((label, at) => `${Math.round(percents[at])} % ${label}`).join(", ");
      element.setAttribute("aria-label", `${text} ${what}`);
      element.title = text;
    }

    function order() {
      const column = shown.find((column) => column.id === sort.id);
      if (!keys.has(sort.id)) keys.set(sort.id, column.keys());
      const key = keys.get(sort.id);
      const sign = sort.descending ? -1 : 1;
      // Ties stay in the order of the file.
      found = found.slice().sort((a, b) => sign * (key[a] - key[b]) || a - b);
    }

    // The table
    for (const column of shown) {
      const head = document.createElement("th");
      head.scope = "col";
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.sort = column.id;
      button.textContent = column.title;
      button.addEventListener("click", () => {
        const again = sort.id === column.id;
        sort = { id: column.id, descending: again ? !sort.descending : column.high === true };
        order();
        page = 0;
        show();
      });
      head.append(button);
      $("table-head").append(head);
    }

    const size = () => Number($("size").value);
    const pages = () => Math.max(1, Math.ceil(found.length / size()));

    // Characters to code units: they differ only where a text has characters beyond the first plane.
    function pieces(text, start, end) {
      if (/[\u{10000}-\u{10ffff}]/u.test(text)) {
        const characters = Array.from(text);
        const join = (from, to) => characters.slice(from, to).join("");
        return [join(0, start), join(start, end), join(end)];
      }
      return [text.slice(0, start), text.slice(start, end), text.slice(end)];
    }

    function td(name, ...content) {
      const element = document.createElement("td");
      element.className = name;
      element.append(...content);
      return element;
    }

    function line(row) {
      const element = document.createElement("tr");
      const text = cell(sentence, row);
      let content = [text];
      if (roles.start !== null && cell(columns[roles.start], row) !== "") {
        const [before, mention, after] = pieces(text, number(columns[roles.start], row), number(columns[roles.end], row));
        const mark = document.createElement("mark");
        mark.textContent = mention;
        content = [before, mark, after];
      }
      const label = LABELS[labels[row]];
      const pill = document.createElement("span");
      pill.className = `pill ${label}`;
      const key = document.createElement("span");
      key.className = `key ${label}`;
      key.setAttribute("aria-hidden", "true");
      pill.append(key, label);
      const share = (at) => probabilities[at][row].toFixed(2);
      const bar = document.createElement("span");
      bar.className = "stack";
      bar.setAttribute("role", "img");
      stack(bar, LABELS.map((_, at) => 100 * probabilities[at][row]), "by probability");
      const probability = document.createElement("span");
      probability.className = "probability";
      probability.append(bar);
      element.append(
        td("number muted", roles.row === null ? count.format(row + 1) : cell(columns[roles.row], row)),
        td("sentence", ...content),
        td("actor", cell(actor, row)),
        td("label", pill, probability),
        td("number", share(0)),
        td("number", share(2)),
      );
      if (date) element.append(td("day", data.days[code(date, row)] ?? cell(date, row)));
      if (source) element.append(td("source", cell(source, row)));
      return element;
    }

    function show() {
      page = Math.min(Math.max(page, 0), pages() - 1);
      const rows = found.subarray(page * size(), (page + 1) * size());
      const body = $("table-body");
      if (rows.length === 0) {
        const none = document.createElement("tr");
        const text = td("muted", "No row matches these filters.");
        text.colSpan = shown.length;
        none.append(text);
        body.replaceChildren(none);
      } else {
        body.replaceChildren(...Array.from(rows, line));
      }
      for (const head of $("table-head").children) {
        const here = head.firstChild.dataset.sort === sort.id;
        if (here) head.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      }
      $("page").value = String(page + 1);
      $("page").max = String(pages());
      $("pages").textContent = count.format(pages());
      $("first").disabled = $("previous").disabled = page === 0;
      $("last").disabled = $("next").disabled = page === pages() - 1;
    }

    const turn = (to) => { page = to; show(); };
    $("first").addEventListener("click", () => turn(0));
    $("previous").addEventListener("click", () => turn(page - 1));
    $("next").addEventListener("click", () => turn(page + 1));
    $("last").addEventListener("click", () => turn(pages() - 1));
    $("page").addEventListener("change", () => turn(Math.trunc(Number($("page").value) || 1) - 1));
    $("size").addEventListener("change", () => turn(0));

    let waiting = 0;
    $("search").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(filter, 150);
    });
    const form = $("filters");
    form.addEventListener("change", (event) => { if (event.target !== $("search")) filter(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
    // The fields are empty again only after the event.
    form.addEventListener("reset", () => setTimeout(filter, 0));

    // An actor's name anywhere in the page shows its rows.
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[data-actor]");
      if (!link) return;
      // Its event filters afterwards, once the actor is chosen.
      form.reset();
      $("filter-actor").value = link.dataset.actor;
    });

    // The rows found, in the order shown, with all columns of the file and the very text of their cells.
    const quoted = (text) => (/[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    $("download").addEventListener("click", () => {
      const parts = [`${columns.map((column) => quoted(column.name)).join(",")}\n`];
      let lines = [];
      for (const row of found) {
        lines.push(columns.map((column) => quoted(cell(column, row))).join(","));
        if (lines.length === 4096) {
          parts.push(`${lines.join("\n")}\n`);
          lines = [];
        }
      }
      if (lines.length > 0) parts.push(`${lines.join("\n")}\n`);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(parts, { type: "text/csv;charset=utf-8" }));
      link.download = "rows.csv";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    });

    $("loading").hidden = true;
    $("explorer").hidden = false;
    filter();
    // For whoever waits for the rows, such as a test.
    root.dataset.rows = String(n);
  }
})();
