// The controls of components/dam_filter.py. Every word is filled in as text, never as HTML.

const WAIT = 120  // milliseconds without a key before what is typed is asked for
const MANY = 15  // values from which on a list can be searched

function make(tag, attributes = {}, ...content) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value)
    else made.setAttribute(name, value)
  }
  made.append(...content)
  return made
}

function field(label, ...inputs) {
  return make("label", { class: "field" }, make("span", {}, label), ...inputs)
}

export function render({ model, el }) {
  const root = el.getRootNode()
  const set = (name, ...values) => model.send_msg({ act: "set", name, values })
  const facets = {}  // name -> its menu

  // One box for names, numbers, places.
  let timer = 0
  const search = make("input", { type: "search", placeholder: "Name, NID ID, river, county or coordinates",
    autocomplete: "off", spellcheck: "false", maxlength: "200" })
  const ask = () => { clearTimeout(timer); set("search", search.value) }
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT) })
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") ask() })
  model.on("typed", () => { clearTimeout(timer); search.value = model.typed[1] })
  search.value = model.typed[1]

  // A menu of values with their counts; they are asked for when it opens.
  function facet(name, label) {
    const menu = make("details", { class: "facet" }), title = make("summary"), body = make("div", { class: "values" })
    const find = make("input", { type: "search", class: "find", "aria-label": `Find in ${label}`, placeholder: "Find" })
    const list = make("div", { role: "group", "aria-label": label, class: "list" })
    const told = make("p", { role: "status" })
    body.append(find, told, list)
    menu.append(title, body)
    const narrow = () => {
      const part = find.value.toLowerCase()
      for (const row of list.children) row.hidden = !row.textContent.toLowerCase().includes(part)
    }
    find.addEventListener("input", narrow)
    const choose = () => set(name, ...[...list.querySelectorAll("input:checked")].map((box) => box.value))
    const show = () => {
      const chosen = model.state.chosen[name] || [], found = model.counts[name]
      title.textContent = chosen.length ? `${label} (${chosen.length})` : label
      title.classList.toggle("on", chosen.length > 0)
      if (!menu.open) return
      const stateless = name === "county" && !(model.state.chosen.state || []).length && !chosen.length
      told.textContent = stateless ? "Choose a state first." : found ? "" : "Counting…"
      find.hidden = stateless || !found || found.length < MANY
      if (stateless || !found) return list.replaceChildren()
      const focus = list.contains(root.activeElement) ? root.activeElement.value : null, top = list.scrollTop
      list.replaceChildren(...found.map(([value, words, count]) => {
        const box = make("input", { type: "checkbox", value, onchange: choose })
        box.checked = chosen.includes(value)
        return make("label", {}, box, make("span", {}, `${words} (${count})`))
      }))
      narrow()
      list.scrollTop = top
      if (focus !== null) [...list.querySelectorAll("input")].find((box) => box.value === focus)?.focus()
    }
    menu.addEventListener("toggle", () => {
      if (!menu.open) return
      for (const other of Object.values(facets)) if (other.menu !== menu) other.menu.open = false
      show()
      count()
    })
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return
      menu.open = false
      title.focus()
    })
    facets[name] = { menu, show }
    return menu
  }

  let counting = 0
  const count = () => {
    clearTimeout(counting)
    const open = Object.keys(facets).find((name) => facets[name].menu.open)
    if (open) counting = setTimeout(() => model.send_msg({ act: "count", name: open }), 30)
  }
  const shut = (event) => {  // a click elsewhere
    const path = event.composedPath()
    for (const { menu } of Object.values(facets)) if (menu.open && !path.includes(menu)) menu.open = false
  }
  document.addEventListener("click", shut)
  model.on("remove", () => document.removeEventListener("click", shut))

  const menus = make("div", { class: "row" }, ...model.facets.map(([name, label]) => facet(name, label)))

  // Ranges, and what has one value.
  const number = (label) => make("input", { type: "number", step: "any", "aria-label": label })
  const ranges = model.ranges.map(([name, label]) => {
    const low = number(`${label} from`), high = number(`${label} to`)
    for (const end of [low, high]) end.addEventListener("change", () => set(name, `${low.value}~${high.value}`))
    low.placeholder = "from"
    high.placeholder = "to"
    return { name, low, high, drawn: make("div", { class: "field", role: "group", "aria-label": label },
      make("span", {}, label), low, make("span", {}, "–"), high) }
  })
  const river = make("input", { type: "text", maxlength: "200", onchange: () => set("river", river.value) })
  const years = make("input", { type: "number", min: "0", max: "200", step: "any", class: "short",
    onchange: () => set("not_inspected_for", years.value) })
  const day = make("input", { type: "date", onchange: () => set("as_of", day.value) })
  const placed = make("select", { onchange: () => set("on_map", placed.value) },
    make("option", { value: "" }, "Any"), make("option", { value: "yes" }, "Yes"), make("option", { value: "no" }, "No"))
  const more = make("div", { class: "row" }, ...ranges.map((range) => range.drawn), field("River", river),
    field("No known inspection for", years, make("span", {}, "years")), field("On the map", placed),
    field("As they were at the end of", day, make("span", {}, "(UTC)")))

  const panel = make("details", { class: "panel" }, make("summary", {}, "Filters"), menus, more)
  panel.open = !matchMedia("(max-width: 700px)").matches

  // The same dams elsewhere; a link keeps the focus when what it leads to changes.
  const ways = make("nav", { "aria-label": "These dams" }, ...model.ways.map(([words]) => make("a", {}, words)))
  const lead = () => model.ways.forEach(([, address], i) => { ways.children[i].href = address })
  model.on("ways", lead)
  lead()

  // What the address asks for that is no filter.
  const left = make("p", { role: "status", class: "note" })
  const leave = () => { left.textContent = model.left_out }
  model.on("left_out", leave)
  leave()

  // What was changed of a search that found nothing, and the way back to it.
  const note = make("div", { role: "status", class: "note" })
  const tell = () => {
    const typed = make("button", { type: "button", class: "plain",
      onclick: () => { model.send_msg({ act: "as_typed" }); search.focus() } }, "Search for it as it is typed")
    note.replaceChildren(...(model.note ? [make("span", {}, model.note), typed] : []))
  }
  model.on("note", tell)
  tell()

  // What is asked for, in words; each part can be taken back.
  const words = make("div", { class: "words" })
  const draw = () => {
    const state = model.state, busy = root.activeElement
    const put = (input, value) => { if (input !== busy) input.value = value }
    for (const { name, low, high } of ranges) {
      put(low, state.ranges[name][0])
      put(high, state.ranges[name][1])
    }
    put(river, state.river)
    put(years, state.years)
    put(placed, state.on_map)
    put(day, state.as_of)
    for (const { show } of Object.values(facets)) show()
    const parts = state.words.map(([name, text]) => make("span", { class: "chip" }, text,
      make("button", { type: "button", "aria-label": `Remove ${text}`, title: "Remove",
        onclick: () => model.send_msg({ act: "remove", name }) }, "✕")))
    const clear = make("button", { type: "button", class: "plain", onclick: () => model.send_msg({ act: "clear" }) },
      "Clear")
    const again = words.contains(busy)
    words.replaceChildren(...parts, ...(parts.length ? [clear] : []), ways)
    if (again && !ways.contains(busy)) (words.querySelector("button") || search).focus()  // what was used is gone
  }
  model.on("state", () => { draw(); count() })
  model.on("counts", () => { for (const { show } of Object.values(facets)) show() })
  el.append(make("div", { class: "bar" }, field("Search", search)), panel, left, words, note)
  draw()
}
