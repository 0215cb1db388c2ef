"""Job ids: ten random characters of Crockford's base 32, which has no I, L, O or U to misread."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_job_id() -> str:
    """A fresh id. 50 random bits: a clash is unlikely before tens of millions of jobs, and then refused."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def read_job_id(typed: str) -> str:
    """What a person meant who typed an id: lower case, spaces and look-alike letters are mended."""
    return typed.upper().translate(_MISREAD)
