// The list of components/map_list.py: a button a dam, filled as text, never as HTML.

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag)
  if (text) made.textContent = text
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}

function item(model, [dam_id, name, colour]) {
  const made = element("li"), button = element("button", "", { type: "button", "data-dam": dam_id })
  const dot = element("i")
  dot.style.setProperty("--dot", colour)
  button.append(dot, name)
  button.addEventListener("click", () => model.send_msg({ dam: dam_id }))
  made.append(button)
  return made
}

export function render({ model, el }) {
  const details = element("details"), words = element("p", "", { role: "status" }), list = element("ol")
  const turns = element("nav", "", { "aria-label": "Pages of the list" })
  const back = element("button", "Previous", { type: "button" }), on = element("button", "Next", { type: "button" })
  details.open = matchMedia("(min-width: 901px)").matches
  details.append(element("summary", "Dams by name"), words, list, turns)
  turns.append(back, on)
  el.append(details)
  back.addEventListener("click", () => model.send_msg({ turn: "back" }))
  on.addEventListener("click", () => model.send_msg({ turn: "on" }))
  const mark = () => {
    for (const button of list.querySelectorAll("button")) {
      if (Number(button.dataset.dam) === model.selected) button.setAttribute("aria-current", "true")
      else button.removeAttribute("aria-current")
    }
  }
  const draw = () => {
    const had = list.getRootNode().activeElement?.dataset?.dam
    list.replaceChildren(...model.rows.map((row) => item(model, row)))
    if (had) (list.querySelector(`[data-dam="${had}"]`) ?? details.firstChild).focus({ preventScroll: true })
    mark()
  }
  const say = () => {
    words.textContent = model.words
    turns.hidden = !model.back && !model.on
    back.toggleAttribute("aria-disabled", !model.back)
    on.toggleAttribute("aria-disabled", !model.on)
  }
  model.on("rows", draw)
  model.on("selected", mark)
  model.on(["words", "back", "on"], say)
  draw()
  say()
}
