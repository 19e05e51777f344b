"""The form of a dam: to add one, and to change one."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import panel as pn
import panel_material_ui as pmui
import param

from components import feedback
from components.browser_store import BrowserStore
from components.clash_choice import THEIRS, ClashChoice
from components.location_picker import LocationPicker
from components.plain import links, plain_label
from components.question import reason_field
from components.sending import Send
from data.commands import HAZARDS, OWNERS, AddDam, Clash, Clashed, EditDam, Rejected, new_submit_key

NOT_GIVEN = "Not given"
#: The form's parameters and the command's fields that they fill.
FIELDS = {
    "dam_name": "name",
    "owner": "owner",
    "river": "river",
    "date_built": "date_built",
    "hazard": "hazard",
    "nid_id": "nid_id",
}


class DamForm(pn.viewable.Viewer):
    """Collects what is typed of a dam; a refusal is shown beside its fields and what was typed stays."""

    dam_name = param.String(label="Name", doc="Official name.")
    owner = param.Selector(default=OWNERS[0], objects=list(OWNERS), label="Owner", doc="Who owns the dam.")
    river = param.String(label="River", doc="River or stream on which the dam stands.")
    date_built = param.String(label="Date Built", doc="Year, month or day of completion, as typed.")
    hazard = param.Selector(
        default=NOT_GIVEN,
        objects=[NOT_GIVEN, *HAZARDS],
        label="Hazard potential",
        doc="Harm if the dam failed; it says nothing of its condition.",
    )
    nid_id = param.String(label="NID ID", doc="Identifier in the US National Inventory of Dams, if it has one.")
    problems = param.Dict(default={}, doc="Field to sentence, from the last refusal.")
    submit = param.Event(doc="Hand over what is typed.")

    def __init__(self, send: Send, draft: str, **params):
        """``draft`` names what is kept in the browser until it is taken."""
        self._send, self._sent = send, False
        self.place = LocationPicker()
        super().__init__(**params)
        self._submit_key = new_submit_key()
        self._message = pn.Column(sizing_mode="stretch_width", margin=0)
        self._build_fields()
        self._keep_draft(draft)
        self.param.watch(self._corrected, list(FIELDS))
        self.place.param.watch(self._moved, ["latitude", "longitude"])

    def _build_fields(self) -> None:
        def text(name: str, placeholder: str) -> pmui.TextInput:
            return pmui.TextInput.from_param(
                self.param[name], placeholder=placeholder, sizing_mode="stretch_width", description=""
            )

        self.widgets = {
            "dam_name": text("dam_name", "e.g.: Deer Creek"),
            "owner": pmui.Select.from_param(self.param.owner, sizing_mode="stretch_width", description=""),
            "river": text("river", "e.g.: Mississippi River"),
            "date_built": text("date_built", "1941, 1941-06 or 1941-06-15"),
            "hazard": pmui.Select.from_param(self.param.hazard, sizing_mode="stretch_width", description=""),
            "nid_id": text("nid_id", "e.g.: UT10117"),
        }
        self._picker = pmui.DatePicker(label="Pick a day", width=170, start=dt.date(1000, 1, 1), end=dt.date.today())
        self._picker.param.watch(self._picked, "value")

    def _picked(self, event: param.parameterized.Event) -> None:
        if event.new:
            self.date_built = f"{event.new:%Y-%m-%d}"

    def _corrected(self, *events: param.parameterized.Event) -> None:
        self._settle({FIELDS[event.name] for event in events})

    def _moved(self, *_events: param.parameterized.Event) -> None:
        self._settle({"location", "latitude", "longitude"})

    def _settle(self, fields: set[str]) -> None:
        """The sentences beside fields that were changed are no longer true."""
        if fields & self.problems.keys():
            self.problems = {field: sentence for field, sentence in self.problems.items() if field not in fields}

    def typed(self) -> dict[str, str]:
        """The command's fields as typed; a chosen "Not given" is empty."""
        fields = {field: getattr(self, name) for name, field in FIELDS.items()}
        fields["hazard"] = "" if self.hazard == NOT_GIVEN else self.hazard
        return fields | {"latitude": self.place.latitude, "longitude": self.place.longitude}

    def _keep_draft(self, key: str) -> None:
        self.store = BrowserStore(key=key)
        texts: dict[str, Any] = {n: widget for n, widget in self.widgets.items() if isinstance(widget, pmui.TextInput)}
        texts |= {"latitude": self.place.latitude_input, "longitude": self.place.longitude_input}
        self.store.keep(texts, "value_input")
        self.store.keep(self.widgets | texts)  # also what the map, the calendar or a list fills
        self.store.on_load(self._restore)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        """Take a draft back; it comes from a browser, so it is text that was typed and no more."""
        words = {name: text for name, text in kept.items() if isinstance(text, str)}
        for name in FIELDS:
            objects = getattr(self.param[name], "objects", None)
            if name in words and (objects is None or words[name] in objects):
                setattr(self, name, words[name])
        self.place.param.update(**{name: words[name] for name in ("latitude", "longitude") if name in words})
        # The key is kept with the draft: a second try after a lost answer is carried out once.
        self._submit_key = words.get("submit_key", self._submit_key)[:40]
        self.store.values = self._known()

    def _known(self) -> dict[str, str]:
        """What is kept beside the fields."""
        return {"submit_key": self._submit_key}

    def _forget_draft(self) -> None:
        self._submit_key = new_submit_key()
        self.store.replace(self._known())

    def _command(self) -> AddDam:
        raise NotImplementedError

    def _done(self, command: AddDam, done: Any) -> None:
        raise NotImplementedError

    @param.depends("submit", watch=True)
    def _submit(self) -> None:
        if self._sent:  # a second click, before the first has its answer
            return
        try:
            command = self._command()
        except Rejected as refusal:
            self.problems = refusal.problems  # what was typed stays
            return
        self._sent, self.problems = True, {}
        self._message[:] = [feedback.storing()]
        self._send(command, lambda done, refusal: self._answered(command, done, refusal))

    def _answered(self, command: AddDam, done: Any, refusal: Rejected | None) -> None:
        self._sent = False
        self.problems = refusal.problems if refusal else {}
        if refusal is None:
            self._done(command, done)
            self._forget_draft()

    @param.depends("problems", watch=True)
    def _show_problems(self) -> None:
        for name, widget in self.widgets.items():
            sentence = self.problems.get(FIELDS[name], "")
            widget.param.update(error_state=bool(sentence), helper_text=plain_label(sentence))
        self.place.problems = {k: v for k, v in self.problems.items() if k in ("location", "latitude", "longitude")}
        self._message[:] = feedback.problems(self.problems)

    def _fields(self) -> pn.FlexBox:
        fields = self.widgets
        date = pn.Row(fields["date_built"], self._picker, sizing_mode="stretch_width", margin=0)
        left = pn.Column(
            fields["dam_name"],
            fields["owner"],
            fields["river"],
            date,
            fields["hazard"],
            fields["nid_id"],
            styles={"flex": "1 1 320px", "max-width": "520px"},
        )
        right = pn.Column(self.place, styles={"flex": "2 1 320px"})
        return pn.FlexBox(left, right, sizing_mode="stretch_width", gap="16px", align_items="flex-start")


class AddDamForm(DamForm):
    """Collects one AddDam and hands it to ``send``."""

    def __init__(self, send: Send, **params):
        super().__init__(send, "dams.add_dam", **params)
        self._add = pmui.Button(label="Add", color="primary", on_click=lambda _: self.param.trigger("submit"))

    def _command(self) -> AddDam:
        return AddDam.typed(self.typed(), submit_key=self._submit_key)

    def _restore(self, kept: Mapping[str, Any]) -> None:
        super()._restore(kept)
        if any(text for field, text in self.typed().items() if field not in ("owner", "hazard")):
            self._message[:] = [feedback.bar("note", "This is what you typed here before; it was not added yet.")]

    def _done(self, command: AddDam, done: Any) -> None:
        self.param.update(dam_name="", river="", date_built="", nid_id="", hazard=NOT_GIVEN)
        self.place.param.update(latitude="", longitude="")
        self._picker.value = None
        addresses = {"Show it on the map": f"map?dam={done.dam_id}", "All dams": "dams"}
        self._message[:] = [feedback.done(f'"{command.name}" has been added.'), links(addresses)]

    def __panel__(self):
        cancel = pmui.Button(label="Cancel", variant="text", href="dams", target="_self")
        return pn.Column(
            self._message, self._fields(), pn.Row(cancel, self._add), self.store, sizing_mode="stretch_width"
        )


class EditDamForm(DamForm):
    """Collects one EditDam of ``dam`` (a row of DAMS) and hands it to ``send``.

    ``reload`` gives the dam as it is now, None when it was deleted.
    """

    def __init__(self, dam: pd.Series, send: Send, reload: Callable[[], pd.Series | None], **params):
        super().__init__(send, f"dams.dam.{int(dam.name)}", **params)
        self._reload = reload
        self._save = pmui.Button(label="Save", color="primary", on_click=lambda _: self.param.trigger("submit"))
        self._again = pmui.Button(label="Load again", variant="text", on_click=lambda _: self._start_again())
        self._clash, self._reason = ClashChoice(self._decide), reason_field()
        self.take(dam)

    def take(self, dam: pd.Series) -> None:
        """Put the dam's values into the fields."""
        self._dam_id, self._revision = int(dam.name), int(dam["revision"])
        self.param.owner.objects = {plain_label(owner): owner for owner in [*OWNERS, dam["owner"]]}
        hazards = [NOT_GIVEN, *HAZARDS, *filter(None, [dam["hazard"]])]  # a file's own word stands until it is changed
        self.param.hazard.objects = {plain_label(hazard): hazard for hazard in hazards}
        self.param.update(
            dam_name=dam["name"], hazard=dam["hazard"] or NOT_GIVEN, **dam[["owner", "river", "date_built", "nid_id"]]
        )
        degrees = {name: "" if pd.isna(dam[name]) else repr(float(dam[name])) for name in ("latitude", "longitude")}
        self.place.param.update(**degrees)
        self.place.show_near()

    def _restore(self, kept: Mapping[str, Any]) -> None:
        # A draft stands on the dam as it was then: if somebody changed it since, saving is refused and says so.
        revision = str(kept.get("revision", ""))
        if revision.isascii() and revision.isdigit() and len(revision) < 10:
            self._revision = int(revision)
        if kept.keys() - {"revision", "submit_key"}:
            self._message[:] = [feedback.bar("note", "These changes were not saved yet. Load again drops them.")]
        super()._restore(kept)

    def _known(self) -> dict[str, str]:
        return super()._known() | {"revision": str(self._revision)}

    def _start_again(self) -> None:
        self._message[:] = []
        self._load_again()
        self._forget_draft()
        self._clash.ask(())

    def _load_again(self) -> None:
        dam = self._reload()
        self.problems = {} if dam is not None else {"": "This dam has been deleted."}
        if dam is not None:
            self.take(dam)

    def _command(self) -> EditDam:
        known = {"submit_key": self._submit_key, "why": self._reason.value_input or self._reason.value}
        return EditDam.typed(self.typed(), dam_id=self._dam_id, revision=self._revision, **known)

    def _answered(self, command: AddDam, done: Any, refusal: Rejected | None) -> None:
        if isinstance(refusal, Clashed):
            # Into the fields comes what would be stored; from here on it stands on the dam as it is now.
            self._revision, self._submit_key = refusal.revision, new_submit_key()
            self._fill(refusal.merged)
        self._clash.ask(refusal.clashes if isinstance(refusal, Clashed) else ())
        super()._answered(command, done, refusal)
        if isinstance(refusal, Clashed):
            self._message[:] = []
            self.store.values = self._known()

    def _decide(self, clash: Clash, whose: str) -> None:
        value = clash.now if whose == THEIRS else clash.wanted
        self._fill({"longitude": value[0], "latitude": value[1]} if clash.field == "place" else {clash.field: value})

    def _fill(self, values: Mapping[str, Any]) -> None:
        """Put these of a dam's values into the fields."""
        names = {field: name for name, field in FIELDS.items()}
        known = {names[field]: value for field, value in values.items() if field in names}
        if "hazard" in known:
            known["hazard"] = known["hazard"] or NOT_GIVEN
        for name in ("owner", "hazard"):
            objects = self.param[name].objects
            if name in known and known[name] not in objects:
                self.param[name].objects = {plain_label(one): one for one in [*objects, known[name]]}
        self.param.update(**known)
        degrees = {name: "" if values[name] is None else repr(float(values[name]))
                   for name in ("latitude", "longitude") if name in values}  # fmt: skip
        self.place.param.update(**degrees)

    def _done(self, command: AddDam, done: Any) -> None:
        self._load_again()
        self._reason.value = ""
        self._message[:] = [feedback.done(f'"{command.name}" has been changed.')]

    def __panel__(self):
        parts = (self._message, self._clash, self._fields(), self._reason, pn.Row(self._again, self._save), self.store)
        return pn.Column(*parts, sizing_mode="stretch_width")
