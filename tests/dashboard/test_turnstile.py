"""Turns for building pages, with a clock of the test's own."""

import asyncio

import pytest
from own_loop import in_a_loop_of_its_own

from dashboard import turnstile
from dashboard.turnstile import Pace, TooMany, Turnstile


def run(coroutine):
    return in_a_loop_of_its_own(lambda: asyncio.wait_for(coroutine, 20))


async def build(turns, key, order, still=lambda: True):
    async with turns.turn(key, still=still) as wanted:
        order.append(key if wanted else f"not {key}")
        await asyncio.sleep(0)


def test_one_page_of_somebody_comes_before_the_row_of_another():
    async def come():
        turns, order = Turnstile(), []
        crowd = [asyncio.create_task(build(turns, "crowd", order)) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.gather(build(turns, "one", order), *crowd)
        return order

    order = run(come())
    assert order.index("one") <= 1 and len(order) == 6


def test_more_than_may_wait_are_refused_and_others_are_not(monkeypatch):
    monkeypatch.setattr(turnstile, "PER_SECOND", 50.0)

    async def come():
        turns, order = Turnstile(), []
        tasks = [asyncio.create_task(build(turns, "crowd", order)) for _ in range(turnstile.MOST_WAITING + 11)]
        tasks.append(asyncio.create_task(build(turns, "one", order)))
        return await asyncio.gather(*tasks, return_exceptions=True), order

    results, order = run(come())
    assert sum(isinstance(result, TooMany) for result in results) == 10  # one was at its turn already
    assert "one" in order


def test_a_fault_while_a_page_is_built_gives_the_turn_on():
    async def come():
        turns, order = Turnstile(), []
        with pytest.raises(ZeroDivisionError):
            async with turns.turn("one"):
                1 / 0  # noqa: B018
        await build(turns, "one", order)
        return order

    assert run(come()) == ["one"]


def test_who_has_gone_is_told_apart():
    async def come():
        turns, order = Turnstile(), []
        await build(turns, "gone", order, still=lambda: False)
        return order

    assert run(come()) == ["not gone"]


@pytest.mark.parametrize(("others", "made"), [(True, turnstile.BURST + 4), (False, turnstile.MOST_WAITING)])
def test_a_row_of_pages_is_slowed_down_only_while_others_ask_too(others, made):
    async def come():
        now = [100.0]
        turns, order = Turnstile(clock=lambda: now[0]), []
        if others:
            await build(turns, "one", order)
        crowd = [asyncio.create_task(build(turns, "crowd", order)) for _ in range(turnstile.MOST_WAITING)]
        for _ in range(500):
            await asyncio.sleep(0)
        now[0] += 2.0  # two seconds later
        turns._next()
        for _ in range(500):
            await asyncio.sleep(0)
        found = order.count("crowd")
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        return found

    assert run(come()) == made


def test_messages_are_taken_at_once_up_to_a_number_and_then_at_a_pace_each_key_for_itself():
    now = [100.0]
    pace = Pace(burst=3, per_second=2, clock=lambda: now[0])
    assert [pace.wait("one") for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    assert pace.wait("other") == 0
    now[0] += 10
    assert [pace.wait("one") for _ in range(4)] == [0, 0, 0, 0.5]
