"""What a search that finds nothing may have meant: its unknown words, corrected to words of the inventory."""

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice, product
from typing import NamedTuple

import pandas as pd
import sqlalchemy as sa
from rapidfuzz import process
from rapidfuzz.distance import OSA
from sqlalchemy.orm import Session

from data import events, models, reads
from data.inventory import Filter, read_place

SHORTEST = 4  #: Characters of a word that is corrected by itself: a shorter one is like too many.
LIKENESS = 0.7  #: Least share of such a word's characters that stay as they are (optimal string alignment).
LIKENESS_NEAR = 0.6  #: The same for a word that stands beside the others of the search.
CHOICES = 4  #: Known words that are tried for one unknown word.
TRIES = 6  #: Looks through the inventory, at most so many of each kind.
NEAR = 5000  #: Dams whose words are compared with one of the search, when they have its others.

_WORD = re.compile(r"[^\W\d_]+")


class Correction(NamedTuple):
    """A search that finds dams instead of one that finds none, and what was changed: unknown and known words."""

    search: str
    unknown: str
    known: str


class Vocabulary:
    """The words of some texts, and how often each occurs."""

    def __init__(self, texts: Iterable[str], *, shortest: int = SHORTEST):
        counts = Counter(word for text in texts for word in _WORD.findall(models.fold(text)) if len(word) >= shortest)
        self._counts = dict(counts.most_common())  # of words that are equally like the commoner comes first
        self._words = list(self._counts)
        self._all = "\n".join(self._words)

    def knows(self, word: str) -> bool:
        """Whether it is a word or a part of one, as the search takes it."""
        return word in self._all

    def like(self, word: str, least: float = LIKENESS) -> list[tuple[float, str]]:
        """Likeness and the known words that are most like ``word``, the best first.

        Of equals those that begin as it does come first, then the commoner.
        """
        found = process.extract(
            word, self._words, scorer=OSA.normalized_similarity, score_cutoff=least, limit=4 * CHOICES
        )
        order = sorted(found, key=lambda item: (-round(item[1], 3), item[0][0] != word[0], -self._counts[item[0]]))
        return [(likeness, known) for known, likeness, _ in order if known != word][:CHOICES]


_lock = threading.Lock()
_latest: tuple[tuple[str, int], Vocabulary] | None = None


def vocabulary(db: Session) -> Vocabulary:
    """The words of names, rivers, counties and states, read once in a process and once after each change of the log."""
    global _latest
    state = (events.log_id(db), events.head(db))
    with _lock:
        if _latest is None or _latest[0] != state:
            dam = models.Dam
            rows = db.execute(sa.select(dam.name, dam.other_names))
            texts = [text for row in rows for text in row if text]
            for column in (dam.river, dam.county, dam.state):
                texts += db.scalars(sa.select(column).distinct())
            _latest = state, Vocabulary(texts)
        return _latest[1]


def correct(db: Session, wanted: Filter) -> Correction | None:
    """The nearest search to that of ``wanted`` that finds dams, None without any.

    Its unknown words are corrected. When all are known but no dam has them together, one of them is.
    """
    words = models.fold(wanted.search).split()
    if not words or read_place(wanted.search):
        return None
    if wanted.without("search") and _finds(db, Filter(search=wanted.search)):
        return None  # it is the other filters that leave nothing
    for changed in islice(_strange(vocabulary(db), words), TRIES):
        if _finds(db, replace(wanted, search=_changed(words, changed))):
            return _correction(wanted, words, changed)
    return _beside(db, wanted, words)


def find(db: Session, search: str, *, limit: int) -> pd.DataFrame:
    """The dams (DAMS) that fit a search best, or the nearest search that finds any."""
    found = reads.best(db, search, limit=limit)
    if found.empty and (meant := correct(db, Filter(search=search))):
        return reads.best(db, meant.search, limit=limit)
    return found


def _strange(known: Vocabulary, words: list[str]) -> Iterator[dict[int, str]]:
    """The unknown words' positions, each with a known word, the likeliest first."""
    strange = [i for i, word in enumerate(words) if len(word) >= SHORTEST and _WORD.fullmatch(word)]
    strange = [i for i in strange if not known.knows(words[i])]
    if strange:
        for choice in product(*(known.like(words[i]) for i in strange)):
            yield {i: word for i, (_, word) in zip(strange, choice, strict=True)}


def _beside(db: Session, wanted: Filter, words: list[str]) -> Correction | None:
    """One word changed to the likest that the dams with all the others have."""
    best, changed = 0.0, {}
    for i, word in islice(enumerate(words if len(words) > 1 else ()), TRIES):
        if not _WORD.fullmatch(word):
            continue
        others = replace(wanted, search=_changed(words, {i: ""}))
        texts = db.scalars(sa.select(models.Dam.search_text).where(*reads.narrowed(others)).limit(NEAR))
        for likeness, known in Vocabulary(texts, shortest=2).like(word, LIKENESS_NEAR)[:1]:
            if likeness > best:
                best, changed = likeness, {i: known}
    return _correction(wanted, words, changed) if changed else None


def _changed(words: list[str], changed: dict[int, str]) -> str:
    return " ".join(changed.get(i, word) for i, word in enumerate(words))


def _correction(wanted: Filter, words: list[str], changed: dict[int, str]) -> Correction:
    """The words as they were typed, and capitals where they had some."""
    typed = wanted.search.split()
    typed = typed if len(typed) == len(words) else words
    known = {i: word.capitalize() if typed[i][0].isupper() else word for i, word in changed.items()}
    return Correction(_changed(typed, known), " ".join(typed[i] for i in known), " ".join(known.values()))


def _finds(db: Session, wanted: Filter) -> bool:
    return bool(db.scalar(sa.select(sa.exists().where(*reads.narrowed(wanted)))))
