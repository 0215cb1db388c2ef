"""The whole studio in separate processes, with its worker killed and its bot restarted while members wait."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.jobs import JobState, LedgerKind
from db.engine import Database
from db.tables import AccountRow, JobRow, LedgerRow
from launch.trial import Trial, running_trial
from sandbox.seen import SeenMessage

MEMBERS = 20
EACH = 10
KILLS = 3
#: Jobs that have to be in mid-step at each kill.
IN_MID_STEP = 4


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_two_hundred_pictures_through_three_kills_and_a_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with running_trial(tmp_path / "data", {"ATELIER_LEASE_SECONDS": "5"}) as trial:
        names = [f"member{number}" for number in range(MEMBERS)]
        for name in names:
            await trial.members.add_member(name)
        submitting = asyncio.create_task(_submit_all(trial, names))
        for kill in range(KILLS):
            await _kill_worker_in_mid_step(trial)
            if kill == 0:
                os.kill(_pid(trial, "bot"), signal.SIGTERM)
        interactions = await submitting
        results = await _wait_for_results(trial, names, interactions)
        with capsys.disabled():
            _print_and_check(trial.database, len(interactions), results)
        assert await trial.members.violations() == []


async def _submit_all(trial: Trial, names: list[str]) -> list[int]:
    """Every member's commands, one after another each, all members at once; the interactions' ids."""
    rng = random.Random(7)
    orders = [[_options(rng) for _ in range(EACH)] for _ in names]
    lists = await asyncio.gather(*(_submit(trial, *order) for order in zip(names, orders, strict=True)))
    return [interaction for each in lists for interaction in each]


def _options(rng: random.Random) -> dict[str, object]:
    colour, shape = rng.choice(("red", "green", "blue")), rng.choice(("circle", "square", "star"))
    prompt = f"a {colour} {shape} on a white background --steps {rng.randint(8, 16)}"
    return {"prompt": prompt, "seed": rng.randrange(2**32)}


async def _submit(trial: Trial, name: str, orders: list[dict[str, object]]) -> list[int]:
    """A member whose command got no answer and made no job (the bot is away) types it again, as people do."""
    interactions = []
    for options in orders:
        interaction = await trial.members.slash(name, "studio", "imagine", options)
        while not await _acknowledged(trial, interaction):
            if await asyncio.to_thread(_has_job, trial.database, interaction):
                break
            interaction = await trial.members.slash(name, "studio", "imagine", options)
        interactions.append(interaction)
    return interactions


def _has_job(database: Database, interaction: int) -> bool:
    with database.read() as session:
        return session.scalar(select(JobRow.id).where(JobRow.interaction_id == interaction)) is not None


async def _acknowledged(trial: Trial, interaction: int) -> bool:
    try:
        await trial.members.answered(interaction, timeout_s=4)
    except TimeoutError:
        return False
    return True


async def _kill_worker_in_mid_step(trial: Trial) -> None:
    """Kill it, and see that it took at least IN_MID_STEP jobs down that had begun and not ended."""
    # Two more than needed, since one may end between the look and the kill.
    await _until(lambda: len(_in_mid_step(trial.database)) >= IN_MID_STEP + 2, "jobs in mid-step")
    begun = _in_mid_step(trial.database)
    os.kill(_pid(trial, "workers"), signal.SIGKILL)
    await _until(lambda: _lost(trial.database, begun) >= IN_MID_STEP, "four jobs lost in mid-step")


def _in_mid_step(database: Database) -> dict[str, int]:
    """Running jobs that have made some of their UNet calls, and how often they were lost before."""
    with database.read() as session:
        running = select(JobRow.id, JobRow.losses).where(
            JobRow.state == JobState.RUNNING, JobRow.step > 0, JobRow.step < JobRow.total_steps
        )
        return dict(session.execute(running).tuples().all())


def _lost(database: Database, before: dict[str, int]) -> int:
    """How many of these jobs have been lost once more."""
    with database.read() as session:
        now = session.execute(select(JobRow.id, JobRow.losses).where(JobRow.id.in_(before)))
        return sum(losses > before[job_id] for job_id, losses in now)


async def _wait_for_results(trial: Trial, names: list[str], interactions: list[int]) -> dict[str, int]:
    """Result messages by job id, once every interaction's job has one; counted from what the members see.

    Where the database does not say in time whether a member's pictures are private, they alone see this one.
    """
    found: dict[str, int] = {}

    async def all_delivered() -> bool:
        views = [await trial.members.messages("studio", name) for name in names]
        messages = {message.id: message for view in views for message in view}
        found.clear()
        found.update(Counter(_job_id(message) for message in messages.values() if _is_result(message)))
        return len(found) >= len(interactions)

    deadline = time.monotonic() + 400
    while not await all_delivered():
        assert time.monotonic() < deadline, f"only {len(found)} of {len(interactions)} were delivered"
        await asyncio.sleep(1)
    # A second delivery would come within the time in which a lost one is repeated.
    await asyncio.sleep(5)
    await all_delivered()
    return found


def _is_result(message: SeenMessage) -> bool:
    return any(file.get("content_type") == "image/png" for file in message.attachments)


def _job_id(message: SeenMessage) -> str:
    """Every button's custom id carries the job's id."""
    ids = {
        match[0]
        for button in message.buttons
        for match in re.finditer(r"[0-9A-Za-z]{10}$", button["custom_id"])
    }
    assert len(ids) == 1, message.buttons
    return ids.pop()


def _print_and_check(database: Database, submitted: int, results: dict[str, int]) -> None:
    twice = sum(count > 1 for count in results.values())
    with database.read() as session:
        refunded = session.scalar(select(func.count()).where(LedgerRow.kind == LedgerKind.REFUND)) or 0
        sums = session.execute(
            select(AccountRow.balance, func.sum(LedgerRow.amount)).join(LedgerRow).group_by(AccountRow.id)
        ).all()
    print(f"\nsubmitted {submitted}, delivered {len(results)}, twice {twice}, refunded {refunded}")
    assert (submitted, len(results), twice, refunded) == (MEMBERS * EACH, MEMBERS * EACH, 0, 0)
    assert len(sums) == MEMBERS
    assert all(balance == total for balance, total in sums)


def _pid(trial: Trial, module: str, other_than: int = 0) -> int:
    """The supervised process that runs `python -m module`; 0 where there is none."""
    for pid in _children(trial.supervisor.pid):
        command = _command(pid)
        if command[1:3] == ["-m", module] and pid != other_than:
            return pid
    return 0


def _children(pid: int) -> Iterator[int]:
    yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except FileNotFoundError:
        return []


async def _until(
    holds: Callable[[], bool] | Callable[[], Awaitable[bool]], what: str, timeout_s: float = 120
) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)
