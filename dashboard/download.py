"""``/export?format=csv&hazard=High``: the dams of a filter as a file. Whoever may look at them may take them along."""

import datetime as dt
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import IO

import sqlalchemy as sa
from tornado.ioloop import IOLoop
from tornado.iostream import StreamClosedError

from dashboard import services
from dashboard.guard import Guarded
from dashboard.visitors import Visit
from data import exports, log_file, reads
from data.as_of import TooEarly
from data.events import ADMIN_KINDS
from data.inventory import Filter, read_moment

#: Two at a time: a national inventory takes seconds of a core, and its memory.
_AT_WORK = ThreadPoolExecutor(2, "export")
_PART = 1 << 18  #: Bytes sent at a time.
_OF_PAGES = ("rows", "page", "dam")  #: What an address of a page says besides, and no file has.


class Export(Guarded):
    """The file, made whole on disk before its first byte is sent: a fault is an answer, never half a file."""

    async def get(self) -> None:
        given = {name: [value.decode("utf-8", "replace") for value in values]
                 for name, values in self.request.query_arguments.items() if name not in _OF_PAGES}  # fmt: skip
        form, sort, down = (given.pop(name, [""])[0] for name in ("format", "sort", "down"))
        now = dt.datetime.now(dt.UTC)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")
        try:
            wanted = exports.read_filter(given)
            exports.check_format(form)
            if sort and sort not in reads.SORTABLE:
                raise ValueError(f"sort is {sort!r}; {', '.join(reads.SORTABLE)} would do.")
        except ValueError as why:
            self._say(400, str(why))
            return
        try:
            file = await IOLoop.current().run_in_executor(_AT_WORK, _made, form, wanted, now, sort, down == "yes")
        except TooEarly as why:
            self._say(400, str(why))
            return
        except (sa.exc.SQLAlchemyError, OSError):
            self._say(503, "The database does not answer. Please try again.")
            return
        with file:
            await self._send(file, exports.FORMATS[form], exports.file_name(form, wanted, now))

    def _say(self, status: int, sentence: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(sentence + "\n")

    async def _send(self, file: IO[bytes], media_type: str, name: str) -> None:
        self.set_header("Content-Type", media_type)
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.set_header("Content-Length", str(file.seek(0, 2)))
        file.seek(0)
        try:
            while part := file.read(_PART):
                self.write(part)
                await self.flush()
        except StreamClosedError:
            return  # nobody waits for it any more
        self.finish()


class Log(Export):
    """``/log?after=N``: the events after a number as a file, one JSON object a line; about users for administrators."""

    async def get(self) -> None:
        text = self.get_query_argument("after", "0")
        self.set_header("Cache-Control", "no-store")
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            self._say(400, "after must be a whole number: that of the last event that is not wanted.")
            return
        try:
            file = await IOLoop.current().run_in_executor(_AT_WORK, _log, self.visit, int(text))
        except (sa.exc.SQLAlchemyError, OSError):
            self._say(503, "The database does not answer. Please try again.")
            return
        with file:
            await self._send(file, "application/x-ndjson", f"log-{dt.datetime.now(dt.UTC):%Y-%m-%d}.jsonl")


def _log(visit: Visit, after: int) -> IO[bytes]:
    app, file = services.current(), tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        every = "admin" in app.rights(visit.name, visit.sign_in_id)
        with app.reading() as db:
            log_file.write(db, file, after=after, without=frozenset() if every else frozenset(ADMIN_KINDS))
    except BaseException:
        file.close()
        raise
    return file


def _made(form: str, wanted: Filter, now: dt.datetime, sort: str, descending: bool) -> IO[bytes]:
    """The export as an open file that is gone when it is closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        with services.current().reading(as_of=read_moment(wanted.as_of)) as db:
            exports.write(db, file, form, wanted, now=now, sort=sort or "name", descending=descending)
    except BaseException:
        file.close()
        raise
    return file
