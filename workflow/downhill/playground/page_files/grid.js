// Drawing without a pointer: a grid of cells, filled in by keyboard.

const cellElements = /** @type {HTMLElement[]} */ ([]);
let at = 0; // the cell that the keyboard is in

/** @param {number} cell */
function describeCell(cell) {
  const filled = state.cells[cell] === 1, element = cellElements[cell];
  element.setAttribute("aria-selected", String(filled));
  element.setAttribute("aria-label", `row ${Math.floor(cell / CELLS) + 1}, column ${cell % CELLS + 1}: ${filled ? "ink" : "empty"}`);
}

/** @param {number} cell */
function moveTo(cell) {
  cellElements[at].tabIndex = -1;
  at = cell;
  cellElements[at].tabIndex = 0;
  cellElements[at].focus();
}

/** @param {number} cell */
function toggle(cell) {
  state.cells[cell] = 1 - state.cells[cell];
  choose({ source: "cells" });
}

/** @param {KeyboardEvent} event */
function keyInGrid(event) {
  const row = Math.floor(at / CELLS), column = at % CELLS, last = CELLS - 1;
  /** @type {Record<string, [number, number]>} */
  const moves = {
    ArrowUp: [Math.max(row - 1, 0), column],
    ArrowDown: [Math.min(row + 1, last), column],
    ArrowLeft: [row, Math.max(column - 1, 0)],
    ArrowRight: [row, Math.min(column + 1, last)],
    Home: [row, 0],
    End: [row, last],
    PageUp: [0, column],
    PageDown: [last, column],
  };
  if (event.key in moves) moveTo(moves[event.key][0] * CELLS + moves[event.key][1]);
  else if (event.key === " " || event.key === "Enter") toggle(at);
  else return;
  event.preventDefault();
}

function setUpGrid() {
  const grid = box("cells");
  for (let row = 0; row < CELLS; row++) {
    const line = made("div");
    line.setAttribute("role", "row");
    for (let column = 0; column < CELLS; column++) {
      const cell = made("div", "cell");
      cell.setAttribute("role", "gridcell");
      cell.tabIndex = -1;
      const index = cellElements.push(cell) - 1;
      cell.addEventListener("click", () => { moveTo(index); toggle(index); });
      line.append(cell);
    }
    grid.append(line);
  }
  cellElements[0].tabIndex = 0;
  grid.addEventListener("keydown", keyInGrid);
  box("cells-clear").addEventListener("click", () => { state.cells.fill(0); choose({ source: "cells" }); });
  views.push((drawing) => { if (!drawing) state.cells.forEach((_, cell) => describeCell(cell)); });
}
