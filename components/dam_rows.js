// The rows of components/dam_table.py: a plain table whose cells are filled as text, never as HTML.

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag)
  if (text) made.textContent = text
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}

// A button that cannot be used stays reachable by keyboard, so that its reason can be read.
function button(label, name, reason, act) {
  const made = element("button", label, { type: "button", "aria-label": `${label}: ${name}` })
  if (reason) {
    made.setAttribute("aria-disabled", "true")
    made.title = reason
  } else {
    made.addEventListener("click", act)
  }
  return made
}

function head(model) {
  const row = element("tr")
  for (const [key, label] of model.columns) {
    const cell = element("th", "", { scope: "col" })
    if (!key) {
      cell.textContent = label
    } else {
      const on = model.sort === key
      const arrow = on ? (model.descending ? " ▼" : " ▲") : ""
      const sorter = element("button", label + arrow, { type: "button", class: "sorter" })
      cell.setAttribute("aria-sort", on ? (model.descending ? "descending" : "ascending") : "none")
      sorter.addEventListener("click", () => model.send_msg({ act: "sort", key }))
      cell.append(sorter)
    }
    row.append(cell)
  }
  return row
}

function body(model, dam) {
  const row = element("tr")
  const cell = (label, ...content) => {
    const made = element("td", "", { "data-label": label })
    made.append(...content)
    row.append(made)
  }
  cell("Name", element("a", dam.name, { href: `dam?id=${dam.dam_id}` }))
  cell("Owner", dam.owner)
  cell("River", dam.river)
  cell("Date Built", dam.date_built)
  cell("Hydrograph", button("Hydrograph Plot", dam.name, dam.has_hydrograph ? "" : "No hydrograph assigned",
    () => location.assign(new URL(`hydrograph?dam=${dam.dam_id}`, document.baseURI))))
  cell("Manage", button("Delete Dam", dam.name, dam.may_delete ? "" : "You are not the creator of this dam",
    () => model.send_msg({ act: "delete", dam_id: dam.dam_id })))
  return row
}

export function render({ model, el }) {
  const table = element("table"), thead = element("thead"), tbody = element("tbody")
  table.append(element("caption", "Dams"), thead, tbody)
  el.append(table)
  const draw = () => {
    const sorter = thead.getRootNode().activeElement, again = sorter && sorter.className === "sorter"
    const place = again ? [...thead.querySelectorAll(".sorter")].indexOf(sorter) : -1
    thead.replaceChildren(head(model))
    tbody.replaceChildren(...model.rows.map(dam => body(model, dam)))
    if (place >= 0) thead.querySelectorAll(".sorter")[place].focus()
  }
  model.on(["columns", "rows", "sort", "descending"], draw)
  draw()
}
