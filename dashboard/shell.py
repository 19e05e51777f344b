"""The template every page sits in: navigation, notices, connection, theme, and the failed page."""

import logging
from collections.abc import Callable, Sequence
from weakref import ref

import panel as pn
import panel_material_ui as pmui
from panel.util import edit_readonly

from components import feedback
from components.bell import Bell
from components.browser_store import Appearance
from components.connection import Connection
from components.plain import plain, plain_pane, wrapped
from components.theme import PRIMARY, THEME
from dashboard.session import OpenPage, open_page
from data.store import NO_ANSWER

log = logging.getLogger(__name__)

_MAP = (
    "M20.5 3l-.16.03L15 5.1 9 3 3.36 4.9c-.21.07-.36.25-.36.48V20.5c0 .28.22.5.5.5l.16-.03L9 18.9l6 2.1 5.64-1.9"
    "c.21-.07.36-.25.36-.48V3.5c0-.28-.22-.5-.5-.5zM15 19l-6-2.1V5l6 2.1V19z"
)
#: Address, label, icon path (Material icons, Apache-2.0, 24 x 24), the right that shows it ("" all).
MAIN = (
    ("map", "Map", _MAP, ""),
    ("dams", "Dams", "M3 13h2v-2H3v2zm0 4h2v-2H3v2zm0-8h2V7H3v2zm4 4h14v-2H7v2zm0 4h14v-2H7v2zM7 7v2h14V7H7z", ""),
    ("overview", "Overview", "M5 9.2h3V19H5zM10.6 5h2.8v14h-2.8zm5.6 8H19v6h-2.8z", ""),
    ("add_dam", "Add Dam", "M19 13h-6v6h-2v-6H5v-2h6V5h2v6h6v2z", "add_dams"),
    (
        "assign_hydrograph",
        "Assign Hydrograph",
        "M3.500 18.500l6-6 4 4L22 6.900 20.600 5.500l-7.100 8-4-4L2 17z",
        "assign_hydrograph",
    ),
)
MORE = (
    ("activity", "Activity", ""),
    ("import", "Import", "import"),
    ("sea_surface_temperature", "Sea Surface Temperature", ""),
    ("sea_surface_temperature_bokeh", "Sea Surface Temperature, plain Bokeh", ""),
    ("shapes", "Shapes", ""),
    ("embed", "Embed a page", ""),
    ("admin", "Administration", "admin"),
)

_STYLE = """
nav { display: flex; align-items: center; gap: 2px; flex-wrap: nowrap; }
a, summary { display: inline-flex; align-items: center; gap: 6px; color: #fff; text-decoration: none; cursor: pointer;
  padding: 8px 12px; border-radius: 6px; list-style: none; white-space: nowrap;
  font: 500 14px/1.2 Roboto, system-ui, sans-serif; }
a:hover, summary:hover { background: rgba(255, 255, 255, 0.16); }
a:focus-visible, summary:focus-visible { outline: 2px solid #fff; outline-offset: -2px; }
a[aria-current] { background: rgba(255, 255, 255, 0.22); }
svg { width: 20px; height: 20px; fill: currentColor; flex: none; }
details { position: relative; }
summary::-webkit-details-marker { display: none; }
.more { position: absolute; right: 0; top: calc(100% + 4px); z-index: 2000; min-width: 220px;
  padding: 6px; border-radius: 8px;
  background: #1c3b77; box-shadow: 0 6px 20px rgba(0, 0, 0, 0.35); display: flex; flex-direction: column; }
.who { max-width: 120px; overflow: hidden; text-overflow: ellipsis; }
.brand { font-size: 18px; font-weight: 650; padding-left: 4px; }
@media (max-width: 760px) { .brand { display: none; } nav a, summary { padding: 8px; } nav > a > span, summary > span {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } }
"""
_HEADING = "h1 { font: 600 1.6rem/1.3 Roboto, system-ui, sans-serif; margin: 4px 0 12px; }"
_WIDE_HEADING = (
    "h1 { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; }"
)
#: While a page loads pmui 0.16 lays a grey sheet over it, which takes the clicks; a bar says as much.
_LOADING = """
#loader:not(.error) { display: block; height: 4px; background: none; pointer-events: none; overflow: hidden; }
#loader .spinner { width: 30%; height: 4px; border: none; border-radius: 2px; background: #8fb1f2;
  animation: slide 1.2s ease-in-out infinite alternate; }
@keyframes slide { from { transform: translateX(0); } to { transform: translateX(233%); } }
@media (prefers-reduced-motion: reduce) { #loader .spinner { animation: none; width: 100%; } }
"""
_ICON = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{path}"/></svg>'
_PERSON = (
    "M12 12c2.21 0 4-1.79 4-4s-1.79-4-4-4-4 1.79-4 4 1.79 4 4 4zm0 2c-2.67 0-8 1.34-8 4v2h16v-2c0-2.66-5.33-4-8-4z"
)
_MENU = "M3 18h18v-2H3v2zm0-5h18v-2H3v2zm0-7v2h18V6H3z"


def navigation(here: str, page: OpenPage) -> pn.pane.HTML:
    """Links to every page that the user may use; the one that is open is marked."""
    links = [
        _link(address, label, here, _ICON.format(path=path))
        for address, label, path, right in MAIN
        if not right or page.actor.may(right)
    ]
    others = [(address, label) for address, label, right in MORE if not right or page.actor.may(right)]
    more = "".join(_link(address, label, here) for address, label in others)
    menu = f'<details><summary aria-label="More pages">{_ICON.format(path=_MENU)}<span>More</span></summary>'
    body = "".join(links) + menu + f'<div class="more">{more}</div></details>'
    return pn.pane.HTML(f'<nav aria-label="Pages">{body}</nav>', stylesheets=[_STYLE], margin=0, align="center")


def account(page: OpenPage) -> pn.pane.HTML | None:
    """With accounts: who is signed in, or where to do so."""
    if page.services.settings.auth == "none":
        return None
    name = page.actor.name
    words = plain(name, "span", "who") if name else plain("Sign in", "span")
    icon = _ICON.format(path=_PERSON)
    said = {"aria_label": name, "title": "Your account, and signing out"} if name else {"aria_label": "Sign in"}
    link = wrapped(icon + words, "a", href="account" if name else "sign_in", **said)
    return pn.pane.HTML(wrapped(link, "nav", aria_label="Account"), stylesheets=[_STYLE], margin=0, align="center")


def _link(address: str, label: str, here: str, icon: str = "") -> str:
    current = ' aria-current="page"' if address == here else ""
    return f'<a href="{address}" aria-label="{label}"{current}>{icon}<span>{label}</span></a>'


def shell(here: str, title: str, page: OpenPage, *content: object, wide: bool = False) -> pmui.Page:
    """The page ``title`` at the address ``here`` around ``content``; ``wide`` gives it the whole window."""
    brand = pn.pane.HTML(
        '<a class="brand" href="map">Dam Inventory</a>', stylesheets=[_STYLE], margin=0, align="center"
    )
    bell = Bell(page.notices.choose)
    page.notices.following.param.watch(lambda mute: bell.param.update(muted=mute.new), "mute")
    heading = pn.pane.HTML(plain(title, "h1"), stylesheets=[_WIDE_HEADING if wide else _HEADING], margin=0)
    body = pn.Column(
        page.absence,
        heading,
        page.trouble,
        *content,
        sizing_mode="stretch_both" if wide else "stretch_width",
        margin=0 if wide else (8, 16, 40, 16),
    )
    look = Appearance()
    template = pmui.Page(
        title="",
        header=[
            brand,
            pn.Spacer(sizing_mode="stretch_width"),
            navigation(here, page),
            *filter(None, [account(page)]),
            bell,
        ],
        main=[body, page.notices, Connection(kept=page.kept), look],
        theme_config=THEME,
        raw_css=[_LOADING],
        sx={"& .MuiAppBar-root": {"backgroundColor": PRIMARY, "backgroundImage": "none", "color": "#fff"}},
    )

    _leave_busy_alone(template)

    # Before the page has loaded, a change would not reach the browser: hence onload.
    def darken() -> None:
        template.dark_theme = look.dark

    look.param.watch(lambda _: pn.state.onload(darken), "dark")
    template.link(look, dark_theme="dark")
    return template


def _leave_busy_alone(template: pmui.Page) -> None:
    """pmui 0.16.6 ties each page to one busy flag of the whole process.

    Every page ever made would stay in memory, and each click in any page would update all of them.
    """
    for watcher in list(pn.state.param.watchers.get("busy", {}).get("value", ())):
        if getattr(getattr(watcher.fn, "__self__", None), "self", None) is template:
            pn.state.param.unwatch(watcher)
    with edit_readonly(template):
        template.busy = False


def serve_page(
    here: str,
    title: str,
    build: Callable[[OpenPage], Sequence[object]],
    *,
    wide: bool = False,
    extensions: Sequence[str] = (),
) -> None:
    """Serve what ``build`` gives for this page; a fault is logged and shown as one line.

    Without this a fault while a page is built leaves its reader with an endless spinner.
    """
    pn.extension(*extensions)
    styles_from_here()
    try:
        page = open_page()
        pn.config.exception_handler = fail_on(page)
        content = build(page)
        title = page.title or title
        shell(here, title, page, *content, wide=wide).servable(title=f"{title} · Dam Inventory")
    except Exception as fault:
        log.exception("Page %s could not be built", here)
        sorry = feedback.failed("This page could not be made: the server has a fault or cannot reach its database.")
        again = Connection(lost=isinstance(fault, NO_ANSWER))
        pn.Column(plain_pane("Dam Inventory", "h1"), sorry, again, margin=20).servable(title="Dam Inventory")


def fail_on(page: OpenPage) -> Callable[[BaseException], None]:
    """What says on the page that something failed; Panel keeps it, and what it holds, longer than the page."""
    known = ref(page)

    def fail(fault: BaseException) -> None:
        if shown := known():
            shown.fail(fault)
        else:
            log.error("What a reader did has failed, after the page had gone", exc_info=fault)

    return fail


def styles_from_here() -> None:
    """Styles and scripts come from the server that was asked, wherever the page is.

    Panel 1.9 asks its CDN for styles when it did not send the page itself: in a page of another
    web server, and where another process sent the page and its websocket came here, so that the
    session is built a second time. Scripts it takes from any server that the address names in
    ``bokeh-absolute-url``; such a link must not bring in the scripts of a stranger.
    """
    document = pn.state.curdoc
    context = document.session_context if document is not None else None
    request = getattr(context, "request", None)
    if document is None or request is None:
        return
    asked, here = pn.state.session_args, ""
    if "bokeh-autoload-element" in asked and request.path.endswith(("/autoload.js", "/ws")):
        here = f"//{request.host}{request.path.rsplit('/', 2)[0]}/"
    named = asked.get("bokeh-absolute-url", [b""])[0].decode()
    if not (here and named.startswith((f"http:{here}", f"https:{here}"))):
        pn.state.rel_path = ""
    document.template_variables["dist_url"] = f"{here}static/extensions/panel/"
