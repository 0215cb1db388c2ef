"""Job ids: ten random characters of Crockford's base 32, which has no I, L, O or U to misread."""

from __future__ import annotations

import secrets

from core.errors import NotFound
from core.words import _

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_job_id() -> str:
    """A fresh id. 50 random bits: a clash is unlikely before tens of millions of jobs, and then refused."""
    return "".join(secrets.choice(_ALPHABET) for _character in range(_LENGTH))


def read_job_id(typed: str) -> str:
    """What a person meant who typed an id: lower case, spaces and look-alike letters are mended.

    Raises:
        NotFound: no id is written so; the database need not see what else stands in a forged one.
    """
    meant = typed.upper().translate(_MISREAD)
    if not (meant.isascii() and meant.isalnum()):
        raise no_such_job()
    return meant


def no_such_job() -> NotFound:
    """What is told of a job that never was, was deleted, or is not the person's to see."""
    return NotFound(_("There is no such picture here (any more). It may have been deleted."))
