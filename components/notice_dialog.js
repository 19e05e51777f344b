// The box of components/notice_dialog.py: a modal dialog of the browser's own, filled with text.

function element(tag, text, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties)
  made.textContent = text
  return made
}

export function render({ model, el }) {
  const key = `dams.seen.${model.log}`
  const box = element("dialog", ""), title = element("h2", "Dam Notification", { id: "title" })
  const summary = element("p", ""), list = element("ul", ""), row = element("div", "", { className: "row" })
  const nevermind = element("button", "Nevermind", { type: "button" })
  const refresh = element("button", "Refresh", { type: "button", className: "first" })
  box.setAttribute("aria-labelledby", "title")
  row.append(nevermind, refresh)
  box.append(title, summary, list, row)
  el.append(box)
  let last = 0, dismissed = 0, act = "dismiss", told = null

  nevermind.onclick = () => box.close()
  refresh.onclick = () => { act = "refresh"; box.close() }
  box.onclick = (event) => { if (event.target === box) box.close() }  // beside it
  box.onclose = () => {  // also by Esc
    if (told === null) return  // taken back by the server
    dismissed = last
    model.send_msg({ act, last })
    act = "dismiss"
  }

  const draw = () => {
    const news = model.news ? JSON.parse(model.news) : {}
    if (news.seen > Number(localStorage.getItem(key) ?? -1)) localStorage.setItem(key, String(news.seen))
    told = news.told ?? null
    if (told === null) {
      if (box.open) box.close()
      return
    }
    if (told.last <= dismissed) return
    last = told.last
    summary.textContent = told.summary
    const more = told.more ? [element("li", `and ${told.more} more`)] : []
    list.replaceChildren(...told.lines.map((line) => element("li", line)), ...more)
    if (!box.open) box.showModal()
  }
  model.on("news", draw)
  draw()
}
