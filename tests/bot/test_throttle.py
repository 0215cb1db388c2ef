"""Progress is rare, results are counted and never held back."""

from __future__ import annotations

from bot.throttle import PER_CHANNEL, PER_MESSAGE_S, WINDOW_S, Throttle


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_one_message_waits_a_second_between_edits() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert throttle.admit(1, "a") and not throttle.admit(1, "a")
    clock.now += PER_MESSAGE_S
    assert throttle.admit(1, "a")


def test_a_channel_has_a_budget_and_others_are_free() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    assert [throttle.admit(1, f"job {number}") for number in range(PER_CHANNEL + 2)].count(
        True
    ) == PER_CHANNEL
    assert throttle.admit(2, "elsewhere")
    clock.now += WINDOW_S
    assert throttle.admit(1, "later")


def test_results_use_up_what_progress_could_have_had() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for number in range(PER_CHANNEL):
        throttle.spend(1, f"result {number}")
    assert not throttle.admit(1, "progress")
    assert throttle.admit(3, "a job that never has a result")
    clock.now += WINDOW_S
    throttle.spend(2, "result")
    assert set(throttle._spent) == {2} and not throttle._last_edit, "what is quiet is forgotten"
