"""Peaks of calls that are never made."""

from __future__ import annotations

import torch

from models.memory import Attention, peak_bytes


def test_a_peak_counts_what_lives_at_once() -> None:
    layers = torch.nn.Sequential(*(torch.nn.Conv2d(4, 4, 1, bias=False) for _ in range(5))).to("meta")
    picture = torch.empty(1, 4, 100, 100, device="meta")
    one = picture.nbytes

    # However many layers there are, a layer's input and output live at once; the call's own input is not its.
    assert peak_bytes(lambda: layers(picture)) == 2 * one
    assert peak_bytes(lambda: picture.view(4, -1).transpose(0, 1)) == 0


def test_attention_counts_its_matrices_where_the_device_makes_them() -> None:
    query = torch.empty(2, 8, 100, 16, device="meta")
    peaks = {
        attention: peak_bytes(
            lambda: torch.nn.functional.scaled_dot_product_attention(query, query, query),
            attention,
        )
        for attention in Attention
    }
    one_head = 2 * 100 * 100 * 4
    assert peaks[Attention.FUSED] == query.nbytes
    assert peaks[Attention.SLICED] == query.nbytes + one_head
    assert peaks[Attention.WHOLE] == query.nbytes + 16 * one_head
