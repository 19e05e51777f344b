// The legend of components/hazard_keys.py: buttons that are filled as text, never as HTML.

function button(model, key) {
  const made = document.createElement("button"), number = document.createElement("span")
  made.type = "button"
  made.setAttribute("aria-pressed", String(key.chosen))
  if (key.colour) {
    const dot = document.createElement("i")
    dot.style.setProperty("--dot", key.colour)
    made.append(dot)
  }
  number.textContent = key.count.toLocaleString("en-US")
  made.append(key.label, number)
  if (key.count || key.chosen) {
    made.title = key.chosen ? `Show ${key.label} no more` : `Show ${key.label}`
    made.addEventListener("click", () => model.send_msg({ hazard: key.value }))
  } else {
    made.setAttribute("aria-disabled", "true")
    made.title = "None"
  }
  return made
}

export function render({ model, el }) {
  const group = document.createElement("div")
  group.setAttribute("role", "group")
  group.setAttribute("aria-label", "Hazard potential: choose what is shown")
  el.append(group)
  const draw = () => {
    const place = [...group.children].indexOf(group.getRootNode().activeElement)
    group.classList.toggle("narrowed", model.keys.some((key) => key.chosen))
    group.replaceChildren(...model.keys.map((key) => button(model, key)))
    if (place >= 0) group.children[place]?.focus()
  }
  model.on("keys", draw)
  draw()
}
