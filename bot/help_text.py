"""What `/help` says: topics of a few short lines each, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from actions.standing import Standing
from core.words import N_, _

#: What no server can change.
FLOOR = N_(
    "Whatever a server allows, no sexual picture of a minor and no nude of a real person may be made here."
)

#: The command that a line begins with.
_COMMAND = re.compile(r"`/(\w+)`")


@dataclass(frozen=True, kw_only=True)
class Topic:
    emoji: str
    title: str
    lines: tuple[str, ...]
    is_for: Callable[[Standing], bool] = lambda _standing: True


TOPICS: dict[str, Topic] = {
    "draw": Topic(
        emoji="🎨",
        title=N_("Make pictures"),
        lines=(
            N_("`/imagine` makes a picture from words. Say what it shows; the rest may be left out."),
            N_("Flags work, too: `a fox --ar 16:9 --steps 30 --no text`."),
            N_("`advanced` opens a panel before anything starts."),
            N_("`/grid` shows the same picture with one or two things changed."),
            N_("`/models`, `/styles` and `/loras` say what there is to draw with."),
        ),
    ),
    "pictures": Topic(
        emoji="🖼️",
        title=N_("Start from a picture"),
        lines=(
            N_("Hold (or right-click) a message, *Apps*, *Use as input*: your next command takes it."),
            N_("`/img2img` draws it in other words."),
            N_("`/inpaint` draws a part anew: by a mask, in words, or at a point."),
            N_("`/outpaint` goes on beyond its edges."),
            N_("`/control` follows its edges, depth or poses."),
            N_("`/reference` takes after up to three pictures."),
            N_("`/upscale` makes it larger."),
            N_("`/describe` says what it shows, and how it was made."),
        ),
    ),
    "buttons": Topic(
        emoji="🔘",
        title=N_("Under each picture"),
        lines=(
            N_("🔁 the same again · 🎲 another seed · ✏️ other words"),
            N_("⬆️ or U1 to U4 larger · V1 to V4 variations · 🎛️ all that can be done"),
            N_("⭐ favourite · 🖼 publish · ✉️ to your direct messages"),
            N_("ℹ️ how it was made · 🗑️ delete · 🚩 report"),
            N_("A reaction with the same emoji does the same."),
        ),
    ),
    "own": Topic(
        emoji="📚",
        title=N_("Your pictures and credits"),
        lines=(
            N_("`/history` searches your pictures, `/job` shows one again."),
            N_("`/tree` shows where one comes from, `/compare` two side by side."),
            N_("`/queue` and `/why` say when yours comes; `/cancel` stops it."),
            N_("`/quota show` tells your credits. What is not made comes back."),
        ),
    ),
    "community": Topic(
        emoji="⭐",
        title=N_("Galleries and contests"),
        lines=(
            N_("🖼 under a picture of yours publishes it; `/gallery browse` looks around."),
            N_("⭐ is a vote. Your own don't count."),
            N_("`/collection new` begins a collection of pictures under a name of your own."),
            N_("`/contest show` says what runs; `/contest enter` takes part."),
        ),
        is_for=lambda standing: standing.in_server,
    ),
    "settings": Topic(
        emoji="⚙️",
        title=N_("Settings and privacy"),
        lines=(
            N_("`/settings me` sets your language, model, size and more; what you type comes first."),
            N_("With *only for me* nobody else sees what you make."),
            N_("`/privacy export` is everything about you in one file; `/privacy delete` erases it."),
            N_("`/appeal` asks the moderators to lift what you have against you."),
        ),
    ),
    "moderators": Topic(
        emoji="🛡️",
        title=N_("For moderators"),
        lines=(
            N_("`/reports` shows what waits for a decision."),
            N_("`/mod ban`, `/mod timeout` and `/mod strike` act against members; `/mod lift` lifts it."),
            N_("`/filter words` sets words that prompts may not say; `/filter list` shows them."),
            N_("`/takedown picture` erases a picture for good, and what looks like it."),
            N_("`/audit` shows who did what."),
        ),
        is_for=lambda standing: standing.moderates,
    ),
    "managers": Topic(
        emoji="🔧",
        title=N_("For managers"),
        lines=(
            N_("`/access set` says who may draw how, with what and where."),
            N_("`/settings server` and `/settings channel` set defaults and the language."),
            N_("`/quota tier` gives a role credits; `/quota grant` a member."),
            N_("`/gallery channel` shows what has enough ⭐; `/contest start` begins a contest."),
            N_("`/admin pause` begins nothing new; `/admin usage` shows who uses how much."),
        ),
        is_for=lambda standing: standing.manages,
    ),
    "owner": Topic(
        emoji="🗝️",
        title=N_("For the owner"),
        lines=(
            N_("`/admin health` tells how workers, queue and storage are."),
            N_("`/admin drain` lets workers finish and take no more, before you stop them."),
            N_("`/admin model` switches a model off; `/admin resume` goes on after a pause."),
            N_("`/models` asks you to accept the terms of new models' licences."),
        ),
        is_for=lambda standing: standing.owns,
    ),
}


def topics_for(standing: Standing) -> dict[str, Topic]:
    """The topics that concern the person, by key."""
    return {key: topic for key, topic in TOPICS.items() if topic.is_for(standing)}


def topic_text(topic: Topic, standing: Standing) -> str:
    """Its lines, without what the server's rules keep from the person here; the floor below."""
    lines = [f"• {_(line)}" for line in topic.lines if _way(line) not in standing.denied]
    return "\n".join([*lines, "", f"-# {_(FLOOR)}"])


def _way(line: str) -> str | None:
    """The way to draw (`core.access.WAYS`) that a line begins with; outpainting counts as inpainting."""
    named = _COMMAND.match(line)
    return None if named is None else {"outpaint": "inpaint"}.get(named[1], named[1])
