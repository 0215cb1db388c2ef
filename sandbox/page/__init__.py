"""The page at /: a chat in the browser for the members, as plain modules without a build."""

from .serving import routes

__all__ = ["routes"]
