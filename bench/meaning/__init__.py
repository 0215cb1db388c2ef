"""What each mode means, by the pixels: the shipped model draws seeded cases, and a checker without any learnt
part says of each whether the mode did what it promises.

A module a mode. It has `GOALS`, the least share of its cases in which each of its claims has to hold, and
`verdicts(draw, cases)`, which says of each claim in which cases it does. `bench.meaning.drawing` draws.
"""
