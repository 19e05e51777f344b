// The rows of components/dam_rows.py: a plain table whose cells are filled as text, never as HTML.

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
  for (const [key, label, kind] of model.columns) {
    const cell = element("th", "", { scope: "col", class: `${key} ${kind}` })
    if (kind === "manage") {
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

// Where the heads are not shown, on a phone, a list takes their place.
function sorters(model) {
  const choice = element("select", "", { "aria-label": "Sort by" })
  for (const [key, label, kind] of model.columns) {
    if (kind !== "manage") choice.append(element("option", `Sort by ${label}`, { value: key }))
  }
  choice.value = model.sort
  choice.addEventListener("change", () => model.send_msg({ act: "sort", key: choice.value }))
  const turn = element("button", model.descending ? "▼ Descending" : "▲ Ascending", { type: "button" })
  turn.addEventListener("click", () => model.send_msg({ act: "sort", key: choice.value }))
  return [choice, turn]
}

function unknown() {
  const made = element("span", "–", { class: "unknown", title: "Not known" })
  made.append(element("span", "not known", { class: "hidden" }))
  return made
}

function body(model, [dam_id, name, mayDelete, hasHydrograph, ...texts]) {
  const row = element("tr")
  let next = 0
  for (const [key, label, kind] of model.columns) {
    const cell = element("td", "", { "data-label": label, class: `${key} ${kind}` })
    if (key === "name") {
      cell.append(element("a", name, { href: `dam?id=${dam_id}` }))
    } else if (key === "has_hydrograph") {
      cell.append(button("Hydrograph Plot", name, hasHydrograph ? "" : "No hydrograph assigned",
        () => location.assign(new URL(`hydrograph?dam=${dam_id}`, document.baseURI))))
    } else if (kind === "manage") {
      cell.append(button("Delete Dam", name, mayDelete ? "" : "You are not the creator of this dam",
        () => model.send_msg({ act: "delete", dam_id })))
    } else {
      const text = texts[next++]
      cell.append(text || unknown())
    }
    row.append(cell)
  }
  return row
}

export function render({ model, el }) {
  const table = element("table"), thead = element("thead"), tbody = element("tbody")
  const narrow = element("div", "", { class: "narrow" })
  table.append(element("caption", "Dams"), thead, tbody)
  el.append(narrow, table)
  const draw = () => {
    const root = thead.getRootNode(), used = root.activeElement
    const sorter = used && used.className === "sorter" ? [...thead.querySelectorAll(".sorter")].indexOf(used) : -1
    const part = [...narrow.children].indexOf(used)
    thead.replaceChildren(head(model))
    narrow.replaceChildren(...sorters(model))
    tbody.replaceChildren(...model.rows.map((dam) => body(model, dam)))
    if (sorter >= 0) thead.querySelectorAll(".sorter")[sorter].focus()
    if (part >= 0) narrow.children[part].focus()
  }
  // The address says what is shown, so that a link or a way back restores it.
  const keep = () => {
    const { pathname } = window.location
    if (!/\/dams\/?$/.test(pathname)) return  // embedded: the address is another site's
    history.replaceState(history.state, "", model.address ? `${pathname}?${model.address}` : pathname)
  }
  let due = false
  const soon = () => {  // once for what changes together
    if (!due) queueMicrotask(() => { due = false; draw() })
    due = true
  }
  model.on(["rows", "sort", "descending"], soon)
  model.on("address", keep)
  draw()
}
