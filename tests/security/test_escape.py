"""In ``components`` and ``dashboard`` text of unknown origin goes through ``components/plain.py`` to the screen."""

from pathlib import Path

import pytest
from escapes import Found, search, sources

ROOT = Path(__file__).parents[2]
OURS = sources(ROOT, "components", "dashboard")

#: File, and the expression as it stands there -> why it is harmless all the same.
ALLOWED = {
    ("components/analysis.py", "name"): "names of curves of data/analyses.py, constants and a percentage",
    ("components/analysis.py", "tips"): "the first of each pair is drawn as text, the second is a constant",
    ("components/analysis.py", "button"): "words of dashboard/analysis_forms.py, handed on as **words",
    ("components/assign_hydrograph.py", "self.cancel_href"): "an address of ours that no caller changes",
    ("components/event_feed.py", "address"): "addresses of ours in dashboard/pages/dam.py, with a number and a time",
    ("components/dam_map.py", "[OUTLINES_ONLY, *self._tiles]"): "the host in the operator's own setting",
    ("components/hydrograph.py", "self._dynamic_map(thin)"): "a HoloViews object, no text",
    ("components/overview_bars.py", "plain(words.title, 'h2') + self._legend(there)"): "the colours are constants",
    ("components/series_controls.py", "label"): "a tuple of constants and methods",
    ("components/series_panel.py", "f'time, {zone}'"): "UTC or an offset that components/series_zones.py matched",
    (
        "components/series_panel.py",
        "[('series', '$name'), ('value', f'@value{{%.7g}}{unit}'), ('flag', '@flag'), ('time', at)]",
    ): "the unit is ours or without signs of a template (unit_words), the zone an offset",
    (
        "components/series_panel.py",
        "''.join([plain(words).replace('<p>', f'<p><i style=\"background:{colour}\"></i>', 1) "
        "for colour, words in said] + [plain(note) for note in notes])",
    ): "the colour is a constant of components/series_line.py",
    ("components/series_view.py", "zones"): "UTC and offsets that components/series_zones.py matched",
    ("components/shapes.py", "{type(shape).__name__: shape for shape in shapes}"): "names of classes of ours",
    ("components/shapes.py", "self.title"): "the name of a class of ours and a number",
}
#: The shipped sample's own names and units; nobody's file comes there.
SAMPLE = "components/sea_surface_temperature.py"


def test_there_is_something_to_search():
    assert len([file for file in OURS if file.endswith(".py")]) > 80
    assert len([file for file in OURS if file.endswith(".js")]) > 5


def test_no_text_of_unknown_origin_is_drawn_as_more_than_text():
    found = [one for one in search(OURS, sources(ROOT, "data")) if one.file != SAMPLE]
    assert [str(one) for one in found if (one.file, one.source) not in ALLOWED] == []
    unused = ALLOWED.keys() - {(one.file, one.source) for one in found}
    assert not unused, "allowed, and not there any more"


HEAD = """
import html
import panel as pn
import panel_material_ui as pmui
import holoviews as hv
from bokeh.models import HoverTool
from bokeh.plotting import figure
from components import ways
from components.plain import links, plain, plain_label, plain_pane, plain_words, wrapped

TITLES = {"a": "First", "b": "Second"}
links({"All dams": "dams"})
"""
HELPERS = ("components/plain.py", "components/ways.py")
#: A line that lets text be more than text; ``name`` comes from a user or a file.
BAD = [
    "pn.pane.HTML(name)",
    "pn.pane.HTML(f'<p>{name}</p>')",
    "pn.pane.HTML('<p>%s</p>' % name)",
    "pn.pane.HTML('<p>{}</p>'.format(name))",
    "pn.pane.HTML('<p>' + name + '</p>')",
    "pn.pane.HTML(plain(name) + name)",
    "pn.pane.HTML(''.join(f'<li>{one}</li>' for one in names))",
    "pn.pane.HTML(''.join(map(str, names)))",
    "pn.pane.HTML(object=name)",
    "pn.pane.HTML(wrapped(name, 'p'))",
    "pn.pane.HTML(plain_label(name))",
    "pn.pane.HTML(row(name))",
    "pn.pane.HTML(html_of(name))",
    "pn.pane.HTML(f'{name:>10}')",
    "pn.pane.HTML(TITLES['a'] + name)",
    "pn.pane.Markdown(name)",
    "pn.pane.Str(name)",
    "pn.pane.Alert(name)",
    "pn.pane.LaTeX(name)",
    "pn.widgets.StaticText(value=name)",
    "pmui.Alert(object=name)",
    "pmui.Typography(name)",
    "hv.Div(name)",
    "pane = pn.pane.HTML(); pane.object = name",
    "pane = pn.pane.HTML(); pane.object = f'<b>{name}</b>' if name else ''",
    "pane = pn.pane.HTML(); pane.param.update(object=name)",
    "first, pane.object = pane.object, name",
    "text = '<p>'; text += name; pn.pane.HTML(text)",
    "parts = ['<p>']; parts.append(name); pn.pane.HTML(''.join(parts))",
    "pn.Column(f'Dam {name}')",
    "pn.Column('Dam ' + name)",
    "pn.Column(plain(name))",
    "pn.Row(str(name))",
    "pn.Row(name)",
    "words = f'Dam {name}'; pn.FlexBox(words)",
    "shown = pn.Column(); shown[:] = [f'Dam {name}']",
    "shown = pn.Column(); shown.append(f'Dam {name}')",
    "pmui.Dialog(f'Delete {name}?')",
    "pmui.Page(main=[], title=''); pn.Card(pn.Spacer(), title=name)",
    "pn.Accordion((name, pn.Spacer()))",
    "pmui.Tabs((name, pn.Spacer()))",
    "pmui.Tabs(('Facts', pn.Spacer()), (f'Dam {name}', pn.Spacer()))",
    "tabs = [('Facts', pn.Spacer())]; tabs.insert(1, (name, pn.Spacer())); pmui.Tabs(*tabs)",
    "pn.widgets.MultiChoice(options=names)",
    "pn.widgets.Tabulator(names, formatters={'a': 'html'})",
    "HoverTool(tooltips='@name{safe}')",
    "HoverTool(tooltips=[('Name', '@name{safe}')])",
    "HoverTool(tooltips=f'<b>{name}</b>')",
    "HoverTool(tooltips=[('Value', f'@value {name}')])",
    "tool = HoverTool(); tool.tooltips = [('Value', '@value ' + name)]",
    "figure(title=name)",
    "figure(x_axis_label=f'flow, {name}')",
    "plot = figure(); plot.yaxis.axis_label = name",
    "plot = figure(); plot.line([0], [0], legend_label=name)",
    "pmui.Button(label='Open', href=name)",
    "pmui.Button(label='Open', href='javascript:alert(1)')",
    "pmui.Button(label='Open', href=f'{name}?dam=1')",
    "pn.pane.HTML(plain('Open', 'a', href=name))",
    "links({'Open': name})",
    "button = pmui.Button(); button.href = name",
    "pmui.Button(label=name)",
    "pmui.Button(label=f'Remove {name}')",
    "pmui.Select(label='Dam', options=names)",
    "pmui.Select(label='Dam', options={name: 1})",
    "pmui.TextInput(helper_text=name)",
    "field = pmui.TextInput(); field.param.update(helper_text=name)",
    "code = 'element.innerHTML = words'",
    "code = 'element.innerHTML = `<b>${words}</b>`'",
    "code = 'element.insertAdjacentHTML(place, words)'",
    "code = 'eval(words)'",
]
#: A line as good ones are.
GOOD = [
    "pn.pane.HTML('<p>Constant</p>')",
    "pn.pane.HTML(TITLES['a'])",
    "pn.pane.HTML(plain(name))",
    "pn.pane.HTML(f'<div>{plain(name)}</div>')",
    "pn.pane.HTML(wrapped(plain(name), 'ul', aria_label=name))",
    "pn.pane.HTML(''.join(plain(one, 'li') for one in names))",
    "pn.pane.HTML(''.join(map(plain, names)))",
    "pn.pane.HTML(f'<b>{len(names):,} dams</b>')",
    "pn.pane.HTML(f'<svg width=\"{len(names)}\"/>')",
    "pn.pane.HTML(row_of(name))",
    "pane = pn.pane.HTML(); pane.object = plain(name) if name else ''",
    "parts = ['<p>']; parts.append(plain(name)); pn.pane.HTML(''.join(parts))",
    "pn.Column(plain_pane(name), 'Constant')",
    "pmui.Tabs(('Facts', pn.Spacer()))",
    "HoverTool(tooltips='@name')",
    "figure(x_axis_label=plain_words(name), title='Constant')",
    "pmui.Button(label='Open', href=f'dam?id={name}')",
    "pn.pane.HTML(plain(name, 'a', href=ways.page('dams', name)))",
    "pmui.Select(label=plain_label(name), options={plain_label(one): one for one in names})",
    "code = 'element.textContent = words'",
]


def found_in(line: str) -> list[Found]:
    body = "\n    ".join(line.split("; "))
    helpers = (
        "def row(text):\n    return f'<li>{text}</li>'\n\n\n"
        "def html_of(text):\n    made = row(text)\n    return '<ul>' + made + '</ul>'\n\n\n"
        "def row_of(text):\n    return f'<li>{plain(text)}</li>'\n"
    )
    source = f"{HEAD}\n\n{helpers}\n\ndef build(name: str, names, pane=None):\n    {body}\n"
    return search({file: OURS[file] for file in HELPERS} | {"components/planted.py": source}, {})


@pytest.mark.parametrize("line", BAD)
def test_a_planted_line_is_found(line):
    assert found_in(line), line


@pytest.mark.parametrize("line", GOOD)
def test_what_is_escaped_is_not_complained_of(line):
    assert found_in(line) == [], line


def test_a_planted_script_is_found():
    files = {"components/planted.js": "const draw = (el, words) => {\n  el.innerHTML = words\n}\n"}
    assert [(one.line, one.source) for one in search(files, {})] == [(2, "innerHTML")]
