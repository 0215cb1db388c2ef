"""A server's own prompt filter: what may not be asked for there, kept by its moderators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import Verb, server_where
from actions.studio import Studio
from core.errors import BadOption, NotAllowed, NotFound
from core.prompt.parse import parse
from core.prompt.words import possible_words
from core.wordlist import MAX_PATTERNS, MAX_TERMS, Rule, RuleKind, check_rule
from core.words import _
from db.audit import record
from db.filter_rules import add_rules, remove_rules, rules_of

_MOST = {RuleKind.WORDS: MAX_TERMS, RuleKind.PATTERN: MAX_PATTERNS}


def check_words(
    studio: Studio,
    session: Session,
    guild_ids: Iterable[int | None],
    typed: Sequence[str],
    expanded: Iterable[str] = (),
) -> None:
    """Refuse what one of these servers denies.

    Args:
        guild_ids: where it is asked for, and where the picture comes from that it is made of.
        typed: prompts in the prompt language, and names and trigger words of adapters.
        expanded: what the seeds make of them.

    Raises:
        NotAllowed: the text names what was found.
    """
    lists = [studio.word_lists.of(session, guild) for guild in dict.fromkeys(guild_ids) if guild is not None]
    if all(one.is_empty for one in lists):
        return
    texts = list(dict.fromkeys([*typed, *expanded]))
    plainly = {word for text in texts for word in text.split()}
    hidden = {word for text in typed for word in possible_words(parse(text))} - plainly
    for one in lists:
        denied = one.denied(texts, sorted(hidden))
        if denied is not None:
            words = denied.replace("`", "'")
            raise NotAllowed(
                _(
                    "The **prompt** can't say `{words}`: this server's moderators decided so. Other words "
                    "will do.",
                    words=words,
                )
            )


def add(studio: Studio, person: Person, rules: Sequence[Rule]) -> int:
    """Add rules to the person's server; how many it did not have yet.

    Raises:
        NotAllowed: the person does not moderate there.
        BadOption: a term or pattern will not do, or there would be too many.
    """
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MODERATE)
        for rule in rules:
            check_rule(rule)
        added = add_rules(session, guild_id, rules)
        for kind, count in Counter(rule.kind for rule in rules_of(session, guild_id)).items():
            if count > _MOST[kind]:
                allowed = _(
                    "a server has up to {most}, and with these it would have {count}.",
                    most=_MOST[kind],
                    count=count,
                )
                raise BadOption(kind.value, _("{number} more", number=len(rules)), allowed)
        _note(session, person, "filter.add", rules)
    return added


def remove(studio: Studio, person: Person, texts: Sequence[str]) -> int:
    """Remove the rules of these texts; how many there were. Raises NotAllowed, NotFound."""
    with studio.database.begin() as session:
        guild_id = server_where(session, person, Verb.MODERATE)
        gone = [rule for rule in rules_of(session, guild_id) if rule.text in set(texts)]
        if not remove_rules(session, guild_id, texts):
            raise NotFound(_("Nothing on the lists is written so; `/filter list` shows them."))
        _note(session, person, "filter.remove", gone)
    return len(gone)


def rules(studio: Studio, person: Person) -> list[Rule]:
    """The lists of the person's server. Raises NotAllowed."""
    with studio.database.read() as session:
        return rules_of(session, server_where(session, person, Verb.MODERATE))


def _note(session: Session, person: Person, action: str, changed: Sequence[Rule]) -> None:
    """A line of the audit for each effect and kind, with the first of the rules."""
    for (effect, kind), count in Counter((rule.effect, rule.kind) for rule in changed).items():
        texts = [rule.text for rule in changed if (rule.effect, rule.kind) == (effect, kind)]
        record(
            session,
            person.member_id,
            action,
            f"{effect.value} {kind.value}",
            {"count": count, "texts": texts[:20]},
            guild_id=person.guild_id,
        )
