"""What Discord's app would not let a member do."""


class Refused(Exception):
    """The text says what was asked and what would do."""
