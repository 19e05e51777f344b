// The button of components/file_choice.py: the file's bytes go to the server as they are.

export function render({ model, el }) {
  const zone = document.createElement("div"), label = document.createElement("label")
  const input = document.createElement("input"), name = document.createElement("span")
  input.type = "file"
  input.accept = model.accept
  label.append(model.label, input)
  zone.className = "zone"
  zone.append(label, name)
  el.append(zone)
  const none = () => { name.textContent = "No file chosen" }

  const packed = async (file) => {
    if (!file.size || !window.CompressionStream || /\.(gz|zip)$/i.test(file.name)) return file
    name.textContent = `${file.name} (being packed)`
    const small = await new Response(file.stream().pipeThrough(new CompressionStream("gzip"))).blob()
    name.textContent = file.name
    return small
  }

  const hand = async (file) => {
    if (!file) return
    name.textContent = model.file_name = file.name
    try {
      const content = model.pack ? await packed(file) : file
      if (content.size > model.limit_bytes) model.send_msg({ name: file.name, size: content.size })
      else model.send_msg({ name: file.name, content: await content.arrayBuffer() })
    } catch {
      name.textContent = `${file.name} could not be read; choose it again.`
    }
  }
  input.addEventListener("change", () => {
    hand(input.files[0])
    input.value = ""  // the same file, mended, can be chosen again
  })
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("over") })
  zone.addEventListener("dragleave", () => zone.classList.remove("over"))
  zone.addEventListener("drop", (event) => {
    event.preventDefault()
    zone.classList.remove("over")
    hand(event.dataTransfer.files[0])
  })
  model.on("cleared", none)
  name.textContent = model.file_name || "No file chosen"  // drawn again, as in a tab that is opened again
}
