"""How long a server's prompt filter takes: 10,000 terms against a prompt of 500 characters.

`python -m bench.filter [--json]`

Milliseconds, the median of 300 checks after one that warms up. Terms are 8,000 words and 2,000 phrases of
two. The disguised prompt has digits, accents and styled letters for a third of its letters, so that every
reading of it differs. What patterns cost, and what compiling the list costs once for each change of it, is
told beside.
"""

from __future__ import annotations

import argparse
import random
import string
import time
from collections.abc import Callable
from statistics import median

from bench.figures import Figure, report
from core.wordlist import Effect, Rule, RuleKind, WordList

TERMS = 10_000
PATTERNS = 200
CHARACTERS = 500
ROUNDS = 300
_DISGUISES = str.maketrans("aeiosn", "á3ı0$ｎ")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.filter", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    return report(figures(), as_json=parser.parse_args().json)


def figures() -> list[Figure]:
    rng = random.Random(0)
    words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randint(3, 9))) for _ in range(TERMS + 4000)]
    terms = words[:8000] + [" ".join(words[start : start + 2]) for start in range(8000, 12_000, 2)]
    rules = [Rule(effect=Effect.DENY, kind=RuleKind.WORDS, text=term) for term in terms]
    patterns = [
        Rule(effect=Effect.DENY, kind=RuleKind.PATTERN, text=f"{word}(ing|s)?x.{{2}}")
        for word in words[:PATTERNS]
    ]
    started = time.perf_counter()
    plain = WordList(rules)
    compiled_s = time.perf_counter() - started
    both = WordList([*rules, *patterns])
    # What is measured is a prompt that passes.
    denied = {word for term in terms for word in term.split()}
    prompt = ", ".join(word for word in words[12_000:] if word not in denied)[:CHARACTERS]
    disguised = prompt.translate(_DISGUISES)
    goal = 1.0
    return [
        Figure(name=f"{len(terms)} terms", value=_ms(plain, prompt), unit="ms", goal=goal, better="lower"),
        Figure(name="a disguised prompt", value=_ms(plain, disguised), unit="ms", goal=goal, better="lower"),
        Figure(
            name=f"and {PATTERNS} patterns", value=_ms(both, prompt), unit="ms", goal=None, better="lower"
        ),
        Figure(name="compiling the terms", value=compiled_s * 1e3, unit="ms", goal=None, better="lower"),
    ]


def _ms(rules: WordList, prompt: str) -> float:
    """Milliseconds of a check that finds nothing."""
    assert rules.denied([prompt]) is None
    return median(_timed(lambda: rules.denied([prompt])) for _ in range(ROUNDS)) * 1e3


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    raise SystemExit(main())
