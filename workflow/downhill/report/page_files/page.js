// The report page without a script is complete; this adds sorting, filters, and the verdict machine.
"use strict";
(() => {
  document.documentElement.classList.add("scripted");

  // --- The table of claims -------------------------------------------------------------------------------------------

  const table = /** @type {HTMLTableElement} */ (document.getElementById("verdicts"));
  const headings = [.../** @type {HTMLTableSectionElement} */ (table.tHead).rows[0].cells];
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const filters = /** @type {HTMLSelectElement[]} */ ([...document.querySelectorAll("[data-filter]")]);
  const shown = /** @type {HTMLElement} */ (document.getElementById("shown"));

  /** Shows the rows that fit all filters. */
  function filter() {
    let count = 0;
    for (const row of rows) {
      row.hidden = !filters.every((select) => {
        const has = (row.dataset[select.dataset.filter || ""] || "").split("|");
        return !select.value || has.includes(select.value);
      });
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = count === rows.length ? `${count} claims` : `${count} of ${rows.length} claims`;
  }

  /**
   * What a cell is sorted by: its first number if it begins with one, or else its text without the sign of a verdict.
   * @param {HTMLTableRowElement} row
   * @param {number} column
   * @returns {number | string}
   */
  function key(row, column) {
    const cell = row.cells[column];
    if (cell.querySelector(".verdict")) return row.dataset.verdict || "";
    const text = (cell.textContent || "").trim();
    const number = parseFloat(text.replace("−", "-").replace(/,/g, ""));
    return Number.isNaN(number) ? text.toLowerCase() : number;
  }

  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = heading.getAttribute("aria-sort") !== "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", up ? "ascending" : "descending");
      const sorted = rows.map((row) => ({ row, by: key(row, column) })).sort((one, other) => {
        const numbers = typeof one.by === "number" && typeof other.by === "number";
        const order = numbers ? Number(one.by) - Number(other.by)
          : typeof one.by === typeof other.by ? String(one.by).localeCompare(String(other.by), "en")
          : typeof one.by === "number" ? -1 : 1;
        return up ? order : -order;
      });
      body.append(...sorted.map((entry) => entry.row));
    });
  });
  filters.forEach((select) => select.addEventListener("change", filter));
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-only]"))) {
    link.addEventListener("click", () => {
      for (const select of filters) select.value = select.dataset.filter === "verdict" ? link.dataset.only || "" : "";
      filter();
    });
  }
  /** @type {HTMLElement} */ (document.getElementById("clear")).addEventListener("click", () => {
    filters.forEach((select) => { select.value = ""; });
    filter();
  });
  filter();

  // --- Links into what is folded away --------------------------------------------------------------------------------

  /** Opens what hides the element that the address names. */
  function open() {
    const id = location.hash.slice(1);
    let at = id ? document.getElementById(id) : null;
    for (; at; at = at.parentElement) if (at instanceof HTMLDetailsElement) at.open = true;
  }
  addEventListener("hashchange", open);
  open();

  // --- The verdict machine -------------------------------------------------------------------------------------------

  /**
   * The rule of `downhill.claims.verdicts.verdict`; `> x` and `< x` leave x itself outside.
   * @param {string} kind of the band
   * @param {number} from lower end of the band
   * @param {number} to upper end of the band
   * @param {number} lower end of the interval
   * @param {number} upper end of the interval
   * @returns {string}
   */
  function verdict(kind, from, to, lower, upper) {
    if (kind === "above") return lower > from ? "supported" : upper <= from ? "refuted" : "undecided";
    if (kind === "below") return upper < to ? "supported" : lower >= to ? "refuted" : "undecided";
    if (from <= lower && upper <= to) return "supported";
    return upper < from || lower > to ? "refuted" : "undecided";
  }

  /**
   * The rule of `downhill.claims.verdicts.worst_case`.
   * @param {number[]} cases the smallest and the largest of all
   * @param {number} from lower end of the band
   * @param {number} to upper end of the band
   * @returns {number}
   */
  function worst([smallest, largest], from, to) {
    return largest - to > from - smallest ? largest : smallest;
  }

  /** @param {HTMLElement} box */
  function machine(box) {
    const part = JSON.parse(/** @type {HTMLElement} */ (box.querySelector("script")).textContent || "{}");
    const strip = /** @type {HTMLElement} */ (/** @type {HTMLElement} */ (box.parentElement).querySelector(".strip"));
    const edges = [...part.edges];
    let stop = part.stops.findIndex((/** @type {number[]} */ one) => one[0] === part.n);
    const shipped = stop;
    /** @param {number} value */
    const text = (value) => {
      const scaled = value * part.scale;
      const digits = part.scale > 1 ? scaled.toFixed(2) : String(Number(scaled.toPrecision(4)));
      return digits.replace("-", "−") + part.suffix;
    };
    const place = (/** @type {number} */ value) => {
      const [low, high] = part.axis;
      return 100 * (Math.min(Math.max(value, low), high) - low) / (high - low);
    };

    /**
     * @param {string} name
     * @param {Record<string, string | number>} settings
     * @param {(value: number) => string} change
     */
    function slider(name, settings, change) {
      const label = document.createElement("label");
      const output = document.createElement("output");
      const input = document.createElement("input");
      input.type = "range";
      for (const [key, value] of Object.entries(settings)) input.setAttribute(key, String(value));
      label.append(name, output, input);
      const update = () => { output.textContent = change(Number(input.value)); input.setAttribute("aria-valuetext", output.textContent); };
      input.addEventListener("input", () => { update(); judge(); });
      box.append(label);
      return () => { input.value = String(settings.value); update(); };
    }

    const resets = part.edges.map((/** @type {number} */ edge, /** @type {number} */ index) => slider(
      part.edges.length === 1 ? "Edge of the band" : index ? "Upper end of the band" : "Lower end of the band",
      { min: part.axis[0], max: part.axis[1], step: "any", value: edge },
      (value) => {
        edges[index] = Math.abs(value - edge) < 1e-12 * Math.abs(edge) ? edge : value;
        return text(edges[index]);
      },
    ));
    if (part.stops.length > 1) {
      resets.push(slider(
        `Number of ${part.of}, with the same mean and spread`,
        { min: 0, max: part.stops.length - 1, step: 1, value: shipped },
        (value) => { stop = value; return String(part.stops[stop][0]); },
      ));
    }
    const answer = document.createElement("p");
    answer.setAttribute("role", "status");
    const reset = document.createElement("button");
    reset.type = "button";
    reset.textContent = "Back to the study";
    box.append(answer, reset);

    function judge() {
      const from = part.kind === "below" ? -Infinity : Math.min(...edges);
      const to = part.kind === "above" ? Infinity : Math.max(...edges);
      let [, lower, upper] = part.stops.length ? part.stops[stop] : [part.n, NaN, NaN];
      if (part.worst.length) lower = upper = worst(part.worst, from, to);
      const found = part.stops.length ? verdict(part.kind, from, to, lower, upper) : "undecided";
      const edited = stop !== shipped || part.edges.some((/** @type {number} */ edge, /** @type {number} */ index) => edge !== edges[index]);
      const interval = lower === upper ? text(lower) : `interval ${text(lower)} to ${text(upper)}`;
      answer.textContent = `${edited ? "Exploratory, not the study's verdict: " : "As in the study: "}${found} (${interval}).`;
      answer.dataset.verdict = found;
      const [inside, range, at] = /** @type {HTMLElement[]} */ ([...strip.children]);
      at.style.left = `${place(part.worst.length ? lower : part.value)}%`;
      inside.style.left = `${place(from)}%`;
      inside.style.right = `${100 - place(to)}%`;
      range.style.left = `${place(Number.isNaN(lower) ? part.value : lower)}%`;
      range.style.right = `${100 - place(Number.isNaN(upper) ? part.value : upper)}%`;
    }
    const restore = () => { resets.forEach((/** @type {() => void} */ one) => one()); judge(); };
    reset.addEventListener("click", restore);
    restore();
  }

  for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-machine]"))) {
    box.addEventListener("toggle", () => { if (!box.querySelector("input")) machine(box); });
  }
})();
