"""Where text would be drawn as more than text: found in the source of ``components`` and ``dashboard``.

Panel, pmui, Bokeh and the browser interpret strings in the places listed here. A constant is ours and may stand in
any of them. Whatever else does goes through ``components/plain.py``; functions of ours whose every result is made so
are followed, also into other modules.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

#: Draw their first argument, or one of these, as HTML or Markdown.
PANES = {"HTML", "Markdown", "Str", "Alert", "StaticText", "Typography", "LaTeX", "Div", "PreText", "Paragraph", "SVG"}
_OF_PANES = ("object", "value", "text", "html")
#: Draw what they hold, whatever of it; none is used, and each would need a rule of its own.
NEVER = {"Tabulator", "MultiChoice", "Card", "Accordion", "ChatMessage", "ChatFeed", "Perspective", "Notification"}
#: Make a Markdown pane of a string that is put into them.
LAYOUTS = {"Column", "Row", "FlexBox", "Tabs", "Page", "Dialog", "Drawer", "GridBox", "WidgetBox", "Paper", "Popup"}
#: Their labels, options and hints can hold an icon's name.
_WIDGETS = re.compile(r"pmui\.\w+(?:\.from_param)?|ServerSearch|FindDam|super\(\).__init__")
_LABELS = ("label", "options", "helper_text", "description", "placeholder", "title")
#: Of Bokeh: what is between $$ is set as mathematics.
_AXIS = ("x_axis_label", "y_axis_label", "axis_label", "xlabel", "ylabel", "major_label_overrides", "legend_label")
_TIPS = ("tooltips", "hover_tooltips")

#: What makes text harmless, by how the place interprets it.
HELPERS = {
    "html": {"plain", "plain_pane"},
    "label": {"plain_label"},
    "axis": {"plain_words", "plain_title"},
    "tip": {"unit_words"},
    "address": set(),
}
_NUMBER_SPEC = re.compile(r"[<>^]?\+?0?\d*(?:,|,?\.\d+)[a-z%]?|d|g|e")
_NUMBERS = {"len", "int", "float", "round", "sum", "abs", "ceil", "floor"}
_OWN_ADDRESS = re.compile(r"[a-z_]+(?:[?#/]|$)")

#: In JavaScript: make elements, or run, of a string.
JAVASCRIPT = re.compile(
    r"innerHTML(?!\s*=\s*(?:'[^'$]*'|\"[^\"$]*\")\s*$)|outerHTML|insertAdjacentHTML|document\.write|\beval\("
    r"|new Function|srcdoc|DOMParser|createContextualFragment|setHTML|javascript:",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Found:
    """A place where what is no constant and went through no helper would be interpreted."""

    file: str
    line: int
    source: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}: {self.source}"


class Module:
    """One file: what it defines, and what names in it stand for."""

    def __init__(self, name: str, source: str, others: "Modules"):
        self.name, self.others = name, others
        self.tree = ast.parse(source)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """By name; a method by its own, since no two here make HTML under one name."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """What is assigned once, outside functions."""
        found = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                found[node.target.id] = node.value
        return found

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Name -> module of ours and name in it, "" for the module itself."""
        found = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    found[alias.asname or alias.name] = (node.module, alias.name)
        return found

    def function_of(self, node: ast.AST) -> ast.FunctionDef | ast.Lambda | None:
        while (node := self.parents.get(node)) is not None:  # type: ignore[assignment]
            if isinstance(node, ast.FunctionDef | ast.Lambda):
                return node
        return None

    @cached_property
    def attributes(self) -> dict[str, list[ast.expr]]:
        """What is given to each attribute of self, but parameters, which anybody can set."""
        found: dict[str, list[ast.expr]] = {}
        for node in ast.walk(self.tree):
            pairs = [(target, node.value) for target in node.targets] if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign) and node.value:
                pairs = [(node.target, node.value)]
            for target, value in pairs:
                for one in target.elts if isinstance(target, ast.Tuple) else [target]:
                    if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "self":
                        found.setdefault(one.attr, []).append(value)
        return {name: values for name, values in found.items() if name not in self._parameters}

    @cached_property
    def _parameters(self) -> set[str]:
        classes = (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))
        return {
            target.id
            for made in classes
            for node in made.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }

    @cached_property
    def layouts(self) -> set[str]:
        """Names, also of attributes, that are given a layout."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _name(node.value.func) in LAYOUTS:
                found |= {_name(target) for target in node.targets}
        return found

    def loop_of(self, node: ast.Name) -> ast.expr | None:
        """What is gone through where this name is bound by a loop."""
        inside: ast.AST | None = node
        while (inside := self.parents.get(inside)) is not None:  # type: ignore[arg-type]
            for loop in [inside] if isinstance(inside, ast.For) else getattr(inside, "generators", []):
                if any(isinstance(one, ast.Name) and one.id == node.id for one in ast.walk(loop.target)):
                    return loop.iter
        return None

    def resolve(self, called: ast.expr) -> tuple["Module", ast.FunctionDef] | None:
        """The function of ours that is called."""
        if isinstance(called, ast.Name):
            if called.id in self.functions:
                return self, self.functions[called.id]
            module, name = self.imported.get(called.id, ("", ""))
            return self.others.function(module, name)
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            if called.value.id == "self" and called.attr in self.functions:
                return self, self.functions[called.attr]
            package, module = self.imported.get(called.value.id, ("", ""))
            return self.others.function(f"{package}.{module}", called.attr)
        return None


class Modules(dict[str, Module]):
    """Dotted name -> module."""

    @cached_property
    def calls(self) -> dict[str, list[tuple[Module, ast.Call]]]:
        """Where each function, method or class is called, by its name alone."""
        found: dict[str, list[tuple[Module, ast.Call]]] = {}
        for module in self.values():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call):
                    found.setdefault(_name(node.func), []).append((module, node))
        return found

    def function(self, module: str, name: str) -> tuple[Module, ast.FunctionDef] | None:
        found = self.get(module)
        return (found, found.functions[name]) if found and name in found.functions else None


class Check:
    """Whether an expression is harmless where it is interpreted as ``how``, a key of HELPERS."""

    trusted: frozenset[str] = frozenset()  #: Functions whose results are taken as harmless.

    def __init__(self, how: str):
        self.how = how
        self._asked: set[object] = set()

    def safe(self, node: ast.expr | None, module: Module) -> bool:
        if node is None:
            return True
        known = getattr(self, f"_{type(node).__name__}", None)
        return bool(known and known(node, module))

    def _all(self, nodes, module: Module) -> bool:
        return all(self.safe(node, module) for node in nodes)

    def _Constant(self, node: ast.Constant, _module: Module) -> bool:
        if self.how == "address" and isinstance(node.value, str):
            return bool(_OWN_ADDRESS.match(node.value))
        return not (isinstance(node.value, str) and "{safe}" in node.value)

    def _JoinedStr(self, node: ast.JoinedStr, module: Module) -> bool:
        if self.how == "address":  # what begins as a path of ours stays one
            first = node.values[0]
            if isinstance(first, ast.FormattedValue):
                return self.safe(first.value, module)
            return isinstance(first, ast.Constant) and bool(re.match(r"[a-z_]+[?#/]", str(first.value)))
        return self._all(node.values, module)

    def _FormattedValue(self, node: ast.FormattedValue, module: Module) -> bool:
        spec = node.format_spec
        if isinstance(spec, ast.JoinedStr) and all(isinstance(part, ast.Constant) for part in spec.values):
            text = "".join(str(part.value) for part in spec.values)  # type: ignore[attr-defined]
            if _NUMBER_SPEC.fullmatch(text):
                return True  # of a text it would raise
        return self.safe(node.value, module)

    def _BinOp(self, node: ast.BinOp, module: Module) -> bool:
        return self._all((node.left, node.right), module)

    def _IfExp(self, node: ast.IfExp, module: Module) -> bool:
        return self._all((node.body, node.orelse), module)

    def _BoolOp(self, node: ast.BoolOp, module: Module) -> bool:
        return self._all(node.values, module)

    def _List(self, node: ast.List, module: Module) -> bool:
        return self._all(node.elts, module)

    _Tuple = _Set = _List

    def _Starred(self, node: ast.Starred, module: Module) -> bool:
        return self.safe(node.value, module)

    def _Dict(self, node: ast.Dict, module: Module) -> bool:
        keys = () if self.how in ("address", "axis") else (key for key in node.keys if key)
        merged = (value for key, value in zip(node.keys, node.values, strict=True) if key is None)
        return self._all([*keys, *(merged if self.how == "label" else node.values)], module)

    def _GeneratorExp(self, node: ast.GeneratorExp | ast.ListComp, module: Module) -> bool:
        return self.safe(node.elt, module)

    _ListComp = _GeneratorExp

    def _DictComp(self, node: ast.DictComp, module: Module) -> bool:
        parts = {"label": (node.key,), "address": (node.value,), "axis": (node.value,)}
        return self._all(parts.get(self.how, (node.key, node.value)), module)

    def _Lambda(self, _node: ast.Lambda, _module: Module) -> bool:
        return True  # no text

    def _Subscript(self, node: ast.Subscript, module: Module) -> bool:
        return self.safe(node.value, module)

    def _Attribute(self, node: ast.Attribute, module: Module) -> bool:
        if isinstance(node.value, ast.Name):
            package, name = module.imported.get(node.value.id, ("", ""))
            other = module.others.get(f"{package}.{name}")
            if node.value.id == "self" and node.attr in module.attributes:
                if node.attr not in self._asked:
                    self._asked.add(node.attr)
                    return self._all(module.attributes[node.attr], module)
                return True
            return bool(other and node.attr in other.constants and self.safe(other.constants[node.attr], other))
        return False

    def _Name(self, node: ast.Name, module: Module) -> bool:
        inside = module.function_of(node)
        assigned = list(_assigned(node.id, inside)) if isinstance(inside, ast.FunctionDef) else []
        if assigned:
            if node in self._asked:
                return True
            self._asked.add(node)
            return all(value is not None and self.safe(value, module) for value in assigned)
        if (loop := module.loop_of(node)) is not None:
            return self.safe(loop, module)
        if inside and node.id in _parameters(inside):
            return isinstance(inside, ast.FunctionDef) and self._given(node.id, inside, module)
        if node.id in module.constants:
            return self.safe(module.constants[node.id], module)
        source, name = module.imported.get(node.id, ("", ""))
        other = module.others.get(source)
        return bool(other and name in other.constants and self.safe(other.constants[name], other))

    def _given(self, parameter: str, function: ast.FunctionDef, module: Module) -> bool:
        """Whether every call gives a parameter what is harmless."""
        if (function, parameter) in self._asked:
            return True
        self._asked.add((function, parameter))
        owner = module.parents.get(function)
        name = owner.name if function.name == "__init__" and isinstance(owner, ast.ClassDef) else function.name
        names = [one.arg for one in function.args.args if one.arg not in ("self", "cls")]
        defaults = dict(zip(reversed(names), reversed(function.args.defaults), strict=False))
        defaults |= {
            one.arg: value
            for one, value in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
            if value
        }
        calls = [
            (where, call)
            for where, call in module.others.calls.get(name, [])
            if not isinstance(call.func, ast.Name) or where is module or where.imported.get(name) == (module.name, name)
        ]
        return bool(calls) and all(
            self._in_call(call, where, parameter, names, defaults.get(parameter)) for where, call in calls
        )

    def _in_call(
        self, call: ast.Call, where: Module, parameter: str, names: list[str], default: ast.expr | None
    ) -> bool:
        for keyword in call.keywords:
            if keyword.arg == parameter:
                return self.safe(keyword.value, where)
        if parameter in names and names.index(parameter) < len(call.args):
            return self.safe(call.args[names.index(parameter)], where)
        return default is not None and all(keyword.arg for keyword in call.keywords) and self.safe(default, where)

    def _Call(self, node: ast.Call, module: Module) -> bool:
        name = _name(node.func)
        if name in HELPERS[self.how] or name in _NUMBERS or (self.how == "axis" and name == "PlainText"):
            return True
        if name == "map":
            made = ast.Call(func=node.args[0], args=[], keywords=[])
            module.parents[made] = node
            return self._Call(made, module)
        if name == "wrapped" and self.how == "html":
            return self.safe(node.args[0], module)
        if name in ("zip", "enumerate", "list", "dict", "sorted", "reversed", "tuple"):
            return self._all(node.args, module)
        if isinstance(node.func, ast.Attribute):
            of, method = node.func.value, node.func.attr
            if method == "join":
                return self.safe(of, module) and self.safe(node.args[0], module)
            if method in ("format", "replace", "strip", "capitalize", "lower", "upper", "get"):
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                key_of_get = given[1:] if method == "get" else given
                return self.safe(of, module) and self._all(key_of_get, module)
            if method in ("items", "keys", "values") and not node.args:
                return self.safe(of, module)
        found = module.resolve(node.func)
        if found is None:
            return False
        where, function = found
        if f"{where.name}.{function.name}" in self.trusted:
            return True
        if function in self._asked:
            return True
        self._asked.add(function)
        returned = [one.value for one in ast.walk(function) if isinstance(one, ast.Return)]
        return bool(returned) and self._all(returned, where)


def _name(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def _parameters(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    every = function.args
    return {one.arg for one in (*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg) if one}


def _assigned(name: str, function: ast.FunctionDef) -> Iterator[ast.expr | None]:
    """What is given to a local name; None for what cannot be told."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name) and target.id == name:
                    yield node.value
                elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                    if target.value.id == name:
                        yield node.value
                elif isinstance(target, ast.Tuple):
                    yield from _of_tuple(name, target, node.value)  # type: ignore[arg-type]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            grown = node.func.attr in ("append", "extend", "insert")
            if grown and isinstance(node.func.value, ast.Name) and node.func.value.id == name:
                yield node.args[-1]


def _of_tuple(name: str, target: ast.Tuple, value: ast.expr) -> Iterator[ast.expr | None]:
    for at, one in enumerate(target.elts):
        if isinstance(one, ast.Name) and one.id == name:
            parts = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
            yield value.elts[at] if parts else value  # type: ignore[attr-defined]


def _is_text(node: ast.expr, module: Module) -> bool:
    """Whether an expression gives a string for sure, and no constant one."""
    match node:
        case ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return any(_is_text(one, module) or _is_words(one) for one in (node.left, node.right))
        case ast.IfExp():
            return _is_text(node.body, module) or _is_text(node.orelse, module)
        case ast.Call():
            if _name(node.func) in ("str", "repr", "join", "format", "plain", "plain_label"):
                return True
            found = module.resolve(node.func)
            return bool(found and isinstance(found[1].returns, ast.Name) and found[1].returns.id == "str")
        case ast.Name():
            inside = module.function_of(node)
            if not isinstance(inside, ast.FunctionDef):
                return False
            arguments = (*inside.args.args, *inside.args.kwonlyargs)
            if any(one.arg == node.id and isinstance(one.annotation, ast.Name) and one.annotation.id == "str"
                   for one in arguments):  # fmt: skip
                return True
            return any(value is not None and _is_text(value, module) for value in _assigned(node.id, inside))
    return False


def _is_words(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


class Search(ast.NodeVisitor):
    """Finds the places of one module."""

    def __init__(self, module: Module, file: str):
        self.module, self.file = module, file
        self.found: list[Found] = []

    def _need(self, how: str, node: ast.expr | None, why: str) -> None:
        if node is not None and not Check(how).safe(node, self.module):
            self.found.append(Found(self.file, node.lineno, ast.unparse(node), why))

    def _no_text(self, node: ast.expr) -> None:
        """Into a layout goes no string, safe or not: it would be Markdown."""
        if isinstance(node, ast.List | ast.Tuple):
            for one in node.elts:
                self._no_text(one)
        elif isinstance(node, ast.IfExp) and not _is_text(node, self.module):
            self._no_text(node.body)
            self._no_text(node.orelse)
        elif _is_text(node, self.module):
            self.found.append(Found(self.file, node.lineno, ast.unparse(node), "a string in a layout is Markdown"))

    def visit_Call(self, node: ast.Call) -> None:
        name, full = _name(node.func), ast.unparse(node.func)
        given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        if name in NEVER:
            self.found.append(Found(self.file, node.lineno, full, "it draws its text as HTML, and is not to be used"))
        if name in PANES:
            for one in (*node.args[:1], *(given.get(key) for key in _OF_PANES)):
                self._need("html", one, f"{name} draws HTML")
        grown = name == "append" and _name(node.func.value) in self.module.layouts  # type: ignore[attr-defined]
        if name in LAYOUTS or grown:
            for one in node.args:
                if name == "Tabs":
                    self._tab(one)
                else:
                    self._no_text(one)
        if name == "update":
            self._need("html", given.get("object"), "a pane draws HTML")
        if (name == "update" or _WIDGETS.fullmatch(full)) and name not in ("Tabs", "Page"):
            for key in _LABELS:
                self._need("label", given.get(key), f"{key} of pmui can hold an icon")
        for key in _AXIS:
            self._need("axis", given.get(key), f"{key} of Bokeh can be TeX")
        if name in ("figure", "opts"):
            self._need("axis", given.get("title"), "the title of a figure can be TeX")
        for key in _TIPS:
            self._need("tip", given.get(key), "a hover's template")
        self._need("address", given.get("href"), "an address can be javascript:")
        self.generic_visit(node)

    def _tab(self, node: ast.expr) -> None:
        """The title of a tab is HTML."""
        if isinstance(node, ast.Tuple):
            self._need("html", node.elts[0], "the title of a tab is HTML")
            return
        values = [node.value] if isinstance(node, ast.Starred) else [node]
        if isinstance(values[0], ast.Name) and (inside := self.module.function_of(node)):
            values = list(_assigned(values[0].id, inside))  # type: ignore[arg-type]
        elif isinstance(values[0], ast.Call) and (found := self.module.resolve(values[0].func)):
            values = [one.value for one in ast.walk(found[1]) if isinstance(one, ast.Return)]
        for value in values:
            tabs = value.elts if isinstance(value, ast.List) else [value]
            for tab in tabs:
                if isinstance(tab, ast.Tuple):
                    self._need("html", tab.elts[0], "the title of a tab is HTML")
                else:
                    self.found.append(Found(self.file, node.lineno, ast.unparse(node), "the title of a tab is HTML"))

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                self._set(target.attr, node.value)
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
                self._no_text(node.value)
            elif isinstance(target, ast.Tuple):
                for at, one in enumerate(target.elts):
                    if isinstance(one, ast.Attribute) and isinstance(node.value, ast.Tuple):
                        self._set(one.attr, node.value.elts[at])
        self.generic_visit(node)

    def _set(self, attribute: str, value: ast.expr) -> None:
        if attribute == "object":
            self._need("html", value, "a pane draws HTML")
        elif attribute == "href":
            self._need("address", value, "an address can be javascript:")
        elif attribute in ("label", "options", "helper_text"):
            self._need("label", value, f"{attribute} of pmui can hold an icon")
        elif attribute in _AXIS:
            self._need("axis", value, f"{attribute} of Bokeh can be TeX")
        elif attribute in _TIPS:
            self._need("tip", value, "a hover's template")
        elif attribute == "objects":
            self._need("label", value, "options of pmui can hold an icon")

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and not self._is_docstring(node):
            if "{safe}" in node.value:
                self.found.append(Found(self.file, node.lineno, repr(node.value), "{safe} draws a value as HTML"))
            if found := JAVASCRIPT.search(node.value):
                self.found.append(Found(self.file, node.lineno, found[0], "JavaScript that makes elements of text"))

    def _is_docstring(self, node: ast.Constant) -> bool:
        return isinstance(self.module.parents.get(node), ast.Expr)


def search(files: dict[str, str], known: dict[str, str]) -> list[Found]:
    """All places in ``files``, path to source, .js among them; ``known`` are looked into and not searched."""
    modules = Modules()
    for file, source in (known | files).items():
        if file.endswith(".py"):
            name = file.removesuffix(".py").replace("/", ".")
            modules[name] = Module(name, source, modules)
    found: list[Found] = []
    for file, source in files.items():
        if file.endswith(".js"):
            for one in JAVASCRIPT.finditer(source):
                line = source.count("\n", 0, one.start()) + 1
                found.append(Found(file, line, one[0], "JavaScript that makes elements of text"))
            continue
        searched = Search(modules[file.removesuffix(".py").replace("/", ".")], file)
        searched.visit(searched.module.tree)
        found += searched.found
    return found


def sources(root: Path, *packages: str) -> dict[str, str]:
    """Path, from the root, to source of each file of Python or JavaScript."""
    return {
        str(path.relative_to(root)): path.read_text("utf-8")
        for package in packages
        for path in sorted((root / package).rglob("*.[pj][ys]"))
    }
