"""The bot's words about jobs: short, plain, and safe to show whatever the prompt holds."""

from __future__ import annotations

from actions.queue import QueueView
from core.jobs import JobState
from core.options.drawing import DrawOptions
from core.prompt.spoken import remark_on
from core.request import Request
from core.stages import EncodeText, Upscale
from core.text import escape_markdown, lines_within, shorten
from db.jobs import Job
from db.queue import QueuePosition

#: Characters that Discord allows a message.
MESSAGE_LENGTH = 2000

_BAR_LENGTH = 12
_PROMPT_SHOWN = 300

_ENDED = {
    JobState.CANCELLED: "🚫 Cancelled.",
    JobState.FAILED: "❌ This could not be made.",
    JobState.DEAD: "❌ This could not be made, after several attempts.",
}


def queued_text(job: Job, place: QueuePosition | None) -> str:
    """What the placeholder says until the job runs."""
    return "\n".join([headline(job), place_text(place), *_remarks(job), details(job)])


def place_text(place: QueuePosition | None) -> str:
    if place is None or place.position == 0:
        return "⏳ Starting…"
    eta = "" if place.eta_s is None else f" · about {duration(place.eta_s)}"
    where = "Next in line" if place.ahead == 0 else f"Number {place.position} in line"
    return f"⏳ {where}{eta}"


def progress_text(job: Job, age_s: float) -> str:
    """What the placeholder says while the job runs; `age_s` counts from the job's submission."""
    stopping = " · stopping…" if job.cancel_requested else ""
    if job.total_steps == 0:
        # Nothing is denoised, so there are no steps to count.
        return f"{headline(job)}\n🎨 Being made…{stopping}\n{details(job)}"
    share = job.step / job.total_steps
    filled = round(share * _BAR_LENGTH)
    bar = "▰" * filled + "▱" * (_BAR_LENGTH - filled)
    images = f" · picture {min(job.images_done + 1, job.image_count)} of {job.image_count}" * (
        job.image_count > 1
    )
    left = time_left_s(job, age_s)
    eta = "" if left is None else f" · {duration(left)} left"
    return f"{headline(job)}\n🎨 {bar} {job.step}/{job.total_steps}{images}{eta}{stopping}\n{details(job)}"


def time_left_s(job: Job, age_s: float) -> float | None:
    """Seconds until a running job is done at the speed that it has had so far."""
    if job.first_step_at is None or job.step == 0:
        return None
    running_s = job.created_at + age_s - job.first_step_at
    return max(0.0, running_s / job.step * (job.total_steps - job.step))


def result_text(job: Job, *, note: str | None = None) -> str:
    """What the message says in the end, above the pictures if there are any."""
    lines = [headline(job)]
    if job.state != JobState.DONE:
        lines.append(" ".join(part for part in (_ENDED.get(job.state), _reason(job)) if part))
    elif job.images_done < job.image_count:
        missing = job.image_count - job.images_done
        lines.append(f"⚠️ {missing} of {job.image_count} missing. {_reason(job)}".rstrip())
    elif job.error:
        lines.append(f"ℹ️ {_reason(job)}")
    refunded = job.price - job.charged
    if job.is_final and refunded:
        lines.append(f"{credits(refunded)} came back to your account.")
    if note:
        lines.append(note)
    lines += _remarks(job)
    return "\n".join([*lines, details(job)])


def _remarks(job: Job) -> list[str]:
    """What of the prompt had no effect, while it can still be mended with *remix*."""
    texts = (stage for stage in job.request.stages if isinstance(stage, EncodeText))
    remark = next((remark for stage in texts if (remark := remark_on(stage))), None)
    return [f"ℹ️ {remark}"] if remark else []


def headline(job: Job) -> str:
    """The prompt as it was typed, and whose it is."""
    return f"**{shown_prompt(job)}** · <@{job.member_id}>"


def shown_prompt(job: Job, limit: int = _PROMPT_SHOWN) -> str:
    words = " ".join(job.request.typed_prompt.split())
    return escape_markdown(shorten(words or "(no words)", limit))


def details(job: Job) -> str:
    """Model, size, seed and id in small print."""
    settings = _size_and_seed(job.request) if job.readable else []
    return "-# " + " · ".join([escape_markdown(job.request.model), *settings, f"`{job.id}`"])


def _size_and_seed(request: Request) -> list[str]:
    size = [] if request.size is None else ["{}×{}".format(*request.size)]
    upscaled = [f"upscaled {stage.scale}×" for stage in request.stages if isinstance(stage, Upscale)]
    return [*size, *upscaled, *([f"seed {request.seed}"] if request.is_drawn else [])]


def history_line(job: Job, undelivered: str | None) -> str:
    """One line of `/history`."""
    icon = {JobState.DONE: "🖼", JobState.QUEUED: "⏳", JobState.RUNNING: "🎨", JobState.CANCELLED: "🚫"}
    told = f" · not delivered: {undelivered}" if undelivered is not None else ""
    when = f"<t:{int(job.created_at)}:R>"
    return f"{icon.get(job.state, '❌')} `{job.id}` {shown_prompt(job, 80)} · {when}{told}"


def credits(number: int) -> str:
    return f"{number} credit" + "s" * (number != 1)


def duration(seconds: float) -> str:
    """Roughly, as people say it: "8 s", "3 min", "2 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 90 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def _reason(job: Job) -> str:
    return escape_markdown(job.error) if job.error else ""


def queue_text(view: QueueView) -> str:
    """The answer of `/queue`."""
    lines = [f"**{view.size.running}** being made, **{view.size.queued}** waiting."]
    lines += [f"`{job.id}` {shown_prompt(job, 60)}: {place_text(place)}" for job, place in view.own]
    return lines_within(lines, MESSAGE_LENGTH)


def cancelled_text(state: JobState) -> str:
    """What is told to whoever cancels, by the state that follows."""
    return "Cancelled." if state == JobState.CANCELLED else "Stopping at the next step."


def panel_text(options: DrawOptions, *, private: bool) -> str:
    """What the *Advanced* panel says above its controls."""
    prompt = escape_markdown(shorten(" ".join(options.prompt.split()), _PROMPT_SHOWN))
    seen = "only you will see it" if private else "it will be posted here"
    chosen = {
        "seed": options.seed,
        "size": options.size or options.aspect,
        "strength": getattr(options, "strength", None),
        "hires": getattr(options, "hires", None),
        "eta": options.eta,
        "noise": options.noise_scale,
    }
    more = "".join(f" · {name} {value}" for name, value in chosen.items() if value is not None)
    return (
        f"**{prompt}**\n{options.steps} steps · guidance {options.guidance}{escape_markdown(more)} · {seen}"
    )
