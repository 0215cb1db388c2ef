"""Text made of the prompt language's marks, more of them than chance would have."""

from __future__ import annotations

from hypothesis import strategies as st

MARKS = [*"()[]{}|:\\<>.,0123 ab", ":0.5", "::", "{a|b}", "[a|b]"]
HOSTILE = st.lists(st.sampled_from([*MARKS, "BREAK", "<lora:a:1>"]), max_size=60).map("".join)
