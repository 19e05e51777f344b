"""What a page shows, kept in its address, so that a link or the browser's Back brings it again."""

import panel as pn
import param


class Address(pn.custom.JSComponent):
    """The part of the address after the question mark.

    A change made here is a step in the browser's history; one that the browser makes arrives in
    ``query``. In a page of another web site, whose address is not ours, it does nothing.
    """

    page = param.String(doc="Name of the page, the last part of its address.")
    query = param.String(doc="What stands after the question mark; from a browser, so as if a user had typed it.")

    # Panel 1.9's location adds to the history too, but does not hear of Back: the page would stay as it is.
    _esm = """
    export function render({ model }) {
      if (location.pathname.split("/").pop() !== model.page) return
      const back = () => { model.query = location.search.slice(1) }
      model.on("query", () => {
        if (model.query !== location.search.slice(1)) {
          history.pushState({}, "", location.pathname + (model.query ? `?${model.query}` : "") + location.hash)
        }
      })
      addEventListener("popstate", back)
      model.on("remove", () => removeEventListener("popstate", back))
    }
    """

    def __init__(self, **params):
        super().__init__(**{"width": 0, "height": 0, "margin": 0} | params)
