// The table of components/overview_table.py: cells are filled as text, never as HTML.

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag)
  if (text) made.textContent = text
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}

function head(model) {
  const row = element("tr")
  row.append(element("th", "", { scope: "col" }), element("th", "All", { scope: "col" }))
  for (const [label, colour] of model.columns.length > 1 ? model.columns : []) {
    const cell = element("th", "", { scope: "col" })
    if (colour) {
      const dot = element("i")
      dot.style.setProperty("--dot", colour)
      cell.append(dot)
    }
    cell.append(label)
    row.append(cell)
  }
  return row
}

function line(model, [key, label, chosen, reason, counts]) {
  const row = element("tr"), cell = element("th", "", { scope: "row" })
  const button = element("button", label, { type: "button", "aria-pressed": String(chosen), "data-key": key })
  if (chosen) row.setAttribute("data-on", "")
  if (reason) {
    button.setAttribute("aria-disabled", "true")
    button.title = reason
  } else {
    button.addEventListener("click", () => model.send_msg({ key }))
  }
  cell.append(button)
  const all = counts.reduce((sum, number) => sum + number, 0)
  const numbers = counts.length > 1 ? [all, ...counts] : [all]
  row.append(cell, ...numbers.map((number) => element("td", number.toLocaleString("en-US"))))
  return row
}

export function render({ model, el }) {
  const details = element("details"), table = element("table"), thead = element("thead"), tbody = element("tbody")
  table.append(element("caption", model.caption), thead, tbody)
  details.append(element("summary", "The same as a table, to choose by keyboard"), table)
  el.append(details)
  let drawn = false
  const draw = () => {
    drawn = details.open
    if (!drawn) return
    const had = tbody.getRootNode().activeElement?.dataset?.key
    thead.replaceChildren(head(model))
    tbody.replaceChildren(...model.rows.map((row) => line(model, row)))
    if (had !== undefined) {
      const again = [...tbody.querySelectorAll("button")].find((button) => button.dataset.key === had)
      ;(again ?? details.firstChild).focus({ preventScroll: true })
    }
  }
  details.addEventListener("toggle", () => { if (!drawn) draw() })
  model.on("rows", draw)
}
