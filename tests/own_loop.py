"""Asynchronous work in a test that may share its process with Playwright."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def in_a_loop_of_its_own(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run ``work()`` in a thread: Playwright keeps a loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(work())).result()
