"""A page for the hub, without a document: its ticks run when the test says so."""

import threading


class Page:
    """A page whose ticks run when the test says so, as a document's do when its loop comes to them."""

    due, ailing, loop, kind = False, False, None, "page"

    def __init__(self, hub, page_id="page", cursor=0):
        self.hub, self.page_id, self.cursor = hub, page_id, cursor
        self.doc, self.scheduled, self.seen, self.fail = self, [], [], False
        self.woken = threading.Semaphore(0)

    def add_next_tick_callback(self, callback):
        self.scheduled.append(callback)
        self.woken.release()

    def run(self):
        while self.scheduled:
            self.scheduled.pop(0)()

    def tick(self):
        if self.fail:
            raise RuntimeError("this page is broken")
        found = self.hub.after(self.cursor)
        self.seen += [e.number for e in found]
        self.cursor = max([self.cursor, *self.seen])
