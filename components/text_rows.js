// The rows of components/text_rows.py: a plain table whose cells are filled as text, never as HTML.

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag)
  if (text) made.textContent = text
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}

// A button that cannot be used stays reachable by keyboard, so that its reason can be read.
function button(model, [act, label], key, name, reason) {
  const made = element("button", label, { type: "button", "aria-label": `${label}: ${name}` })
  Object.assign(made.dataset, { act, key })
  if (reason) {
    made.setAttribute("aria-disabled", "true")
    made.title = reason
  } else {
    made.addEventListener("click", () => {
      made.getRootNode().used = { act, key }
      model.send_msg({ act, key })
    })
  }
  return made
}

function line(model, [key, cells, acts]) {
  const row = element("tr")
  model.columns.forEach(([label, kind], at) => {
    row.append(at ? element("td", cells[at], { "data-label": label, class: kind }) : element("th", cells[at], { scope: "row" }))
  })
  if (model.acts.length) {
    const cell = element("td", "", { class: "acts" })
    for (const one of model.acts) if (one[0] in acts) cell.append(button(model, one, key, cells[0], acts[one[0]]))
    row.append(cell)
  }
  return row
}

export function render({ model, el }) {
  const table = element("table"), head = element("tr"), thead = element("thead"), tbody = element("tbody")
  for (const [label, kind] of model.columns) head.append(element("th", label, { scope: "col", class: kind }))
  if (model.acts.length) {
    const cell = element("td")
    cell.append(element("span", "What can be done", { class: "hidden" }))
    head.append(cell)
  }
  thead.append(head)
  table.append(element("caption", model.caption), thead, tbody)
  el.append(table)
  const focus = (used) => {
    const all = [...tbody.querySelectorAll("button")]
    const same = all.find((one) => used && one.dataset.act === used.act && one.dataset.key === used.key)
    ;(same || all[0])?.focus()
  }
  const draw = () => {
    const used = table.getRootNode().activeElement, here = used?.dataset?.act ? { ...used.dataset } : null
    tbody.replaceChildren(...model.rows.map((row) => line(model, row)))
    if (here) focus(here)
  }
  model.on("rows", draw)
  model.on("back", () => focus(table.getRootNode().used))
  draw()
}
