"""The bot's words about jobs: short, plain, and safe to show whatever the prompt holds."""

from __future__ import annotations

from actions.queue import QueueView
from core.jobs import JobState
from core.options.drawing import DrawOptions
from core.prompt.spoken import remark_on
from core.request import Request
from core.stages import EncodeText, Upscale
from core.text import escape_markdown, lines_within, shorten
from core.words import N_, _, ngettext
from db.jobs import Job
from db.queue import QueuePosition

#: Characters that Discord allows a message.
MESSAGE_LENGTH = 2000

_BAR_LENGTH = 12
_PROMPT_SHOWN = 300

_ENDED = {
    JobState.CANCELLED: N_("🚫 Cancelled."),
    JobState.FAILED: N_("❌ This could not be made."),
    JobState.DEAD: N_("❌ This could not be made, after several attempts."),
}

#: What members read of each state.
STATE_WORDS = {
    JobState.QUEUED: N_("waiting"),
    JobState.RUNNING: N_("being made"),
    JobState.DONE: N_("done"),
    JobState.FAILED: N_("failed"),
    JobState.CANCELLED: N_("cancelled"),
    JobState.DEAD: N_("given up"),
}


def queued_text(job: Job, place: QueuePosition | None) -> str:
    """What the placeholder says until the job runs."""
    return "\n".join([headline(job), place_text(job, place), *_remarks(job), details(job)])


def place_text(job: Job, place: QueuePosition | None) -> str:
    """Where the job stands in line, or how far it is."""
    if place is None or place.position == 0:
        return _running_text(job, place) if job.state == JobState.RUNNING else _("⏳ Starting…")
    if place.paused is not None:
        return " ".join(
            [_("⏸️ Paused for now; it is made afterwards."), escape_markdown(place.paused)]
        ).strip()
    if place.lacking:
        things = ", ".join(sorted(need.words for need in place.lacking))
        return _("⏳ Waiting for a worker that has it all: {things}", things=things)
    where = _("Next in line") if place.ahead == 0 else _("Number {number} in line", number=place.position)
    # Translators: time that a picture should take.
    eta = [] if place.eta_s is None else [_("about {time}", time=duration(place.eta_s))]
    return "⏳ " + " · ".join([where, *eta])


def progress_text(job: Job, place: QueuePosition | None) -> str:
    """What the placeholder says while the job runs."""
    return "\n".join([headline(job), _running_text(job, place), details(job)])


def _running_text(job: Job, place: QueuePosition | None) -> str:
    if job.total_steps == 0:
        # Nothing is denoised, so there are no steps to count.
        parts = [_("Being made…")]
    else:
        filled = round(job.step / job.total_steps * _BAR_LENGTH)
        bar = "▰" * filled + "▱" * (_BAR_LENGTH - filled)
        parts = [f"{bar} {job.step}/{job.total_steps}"]
        if job.image_count > 1:
            now_made = min(job.images_done + 1, job.image_count)
            parts.append(_("picture {number} of {count}", number=now_made, count=job.image_count))
    if place is not None and place.eta_s is not None:
        # Translators: time until a picture is done.
        parts.append(_("{time} left", time=duration(place.eta_s)))
    if job.cancel_requested:
        parts.append(_("stopping…"))
    return "🎨 " + " · ".join(parts)


def result_text(job: Job, *, note: str | None = None) -> str:
    """What the message says in the end, above the pictures if there are any."""
    lines = [headline(job)]
    if job.state != JobState.DONE:
        ended = _(_ENDED[job.state]) if job.state in _ENDED else ""
        lines.append(" ".join(part for part in (ended, _reason(job)) if part))
    elif job.images_done < job.image_count:
        missing = job.image_count - job.images_done
        told = _("⚠️ {number} of {count} missing.", number=missing, count=job.image_count)
        lines.append(f"{told} {_reason(job)}".rstrip())
    elif job.error:
        lines.append(f"ℹ️ {_reason(job)}")
    if job.images_held:
        held = ngettext(
            "🛡️ {number} picture waits for a moderator to look at it.",
            "🛡️ {number} pictures wait for a moderator to look at them.",
            job.images_held,
        )
        lines.append(held)
    refunded = job.price - job.charged
    if job.is_final and refunded:
        lines.append(
            ngettext(
                "{number} credit came back to your account.",
                "{number} credits came back to your account.",
                refunded,
            )
        )
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
    return escape_markdown(plain_prompt(job, limit))


def plain_prompt(job: Job, limit: int) -> str:
    """The same for where Discord reads no Markdown, as in a picture's alternative text."""
    return shorten(" ".join(job.request.typed_prompt.split()) or _("(no words)"), limit)


def details(job: Job) -> str:
    """Model, size, seed, price while it is held, and id in small print."""
    settings = _size_and_seed(job.request) if job.readable else []
    price = [] if job.is_final else [credits(job.price)]
    model = [escape_markdown(job.request.model)] if job.request.model else []
    return "-# " + " · ".join([*model, *settings, *price, f"`{job.id}`"])


def _size_and_seed(request: Request) -> list[str]:
    size = [] if request.size is None else ["{}×{}".format(*request.size)]
    upscaled = [
        _("upscaled {scale}×", scale=stage.scale) for stage in request.stages if isinstance(stage, Upscale)
    ]
    return [*size, *upscaled, *([_("seed {value}", value=request.seed)] if request.is_drawn else [])]


def history_line(job: Job, undelivered: str | None) -> str:
    """One line of `/history`."""
    icon = {JobState.DONE: "🖼", JobState.QUEUED: "⏳", JobState.RUNNING: "🎨", JobState.CANCELLED: "🚫"}
    # Why not is stored in English.
    told = (
        ""
        if undelivered is None
        else " · " + _("not delivered: {why}", why=_(undelivered) if undelivered else "…")
    )
    when = f"<t:{int(job.created_at)}:R>"
    return f"{icon.get(job.state, '❌')} `{job.id}` {shown_prompt(job, 80)} · {when}{told}"


def credits(number: int) -> str:
    return ngettext("{number} credit", "{number} credits", number)


def price_text(price: int, balance: int) -> str:
    """What something costs, before it is made."""
    return ngettext(
        "Costs {number} credit of your {balance}.",
        "Costs {number} credits of your {balance}.",
        price,
        balance=balance,
    )


def duration(seconds: float) -> str:
    """Roughly, as people say it: "8 s", "3 min", "2 h"."""
    if seconds < 90:
        return _("{number} s", number=max(1, round(seconds)))
    if seconds < 90 * 60:
        return _("{number} min", number=round(seconds / 60))
    return _("{number} h", number=round(seconds / 3600))


def _reason(job: Job) -> str:
    # What the database itself said is in English; a worker speaks the job's language.
    return escape_markdown(_(job.error)) if job.error else ""


def queue_text(view: QueueView) -> str:
    """The answer of `/queue`."""
    lines = [
        _(
            "**{running}** being made, **{queued}** waiting.",
            running=view.size.running,
            queued=view.size.queued,
        )
    ]
    lines += [f"`{job.id}` {shown_prompt(job, 60)}: {place_text(job, place)}" for job, place in view.own]
    return lines_within(lines, MESSAGE_LENGTH)


def cancelled_text(state: JobState) -> str:
    """What is told to whoever cancels, by the state that follows."""
    return _("Cancelled.") if state == JobState.CANCELLED else _("Stopping at the next step.")


def panel_text(options: DrawOptions, *, private: bool) -> str:
    """What the *Advanced* panel says above its controls."""
    prompt = escape_markdown(shorten(" ".join(options.prompt.split()), _PROMPT_SHOWN))
    seen = _("only you will see it") if private else _("it will be posted here")
    chosen = {
        _("seed {value}"): options.seed,
        _("size {value}"): options.size or options.aspect,
        _("strength {value}"): getattr(options, "strength", None),
        _("hires {value}"): getattr(options, "hires", None),
        _("eta {value}"): options.eta,
        _("noise {value}"): options.noise_scale,
        _("clip skip {value}"): options.clip_skip,
    }
    told = [
        _("{number} steps", number=options.steps),
        _("guidance {value}", value=options.guidance),
        *(words.format(value=value) for words, value in chosen.items() if value is not None),
    ]
    return f"**{prompt}**\n" + " · ".join([*map(escape_markdown, told), seen])
