"""The machinery of training: the pace, the flat gradient, the folded normalisation, and that a stop loses
nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from models.starter import curves, diffusion, reading, text, tokens, vae
from models.starter.crew import Average, Clock, Flat, Job
from models.starter.grammar import TRAITS, traits_of
from models.starter.stage import Stage, averages


def test_the_rate_ramps_up_and_ends_at_nothing() -> None:
    job = Job(Path(), seconds=100, rate=1e-3, warm_up=10)
    assert job.rate_at(0) < 2e-4
    assert job.rate_at(10) > 9e-4
    assert job.rate_at(100) == pytest.approx(0, abs=1e-9)


def test_gradients_lie_in_one_tensor_and_are_cut_to_the_limit() -> None:
    layer = nn.Linear(3, 2)
    flat = Flat([layer])
    (layer(torch.ones(5, 3)).sum() * 100).backward()
    assert flat.average(7.0, limit=1.0) == 7.0
    norm = torch.cat([p.grad.flatten() for p in layer.parameters()]).norm()
    assert float(norm) == pytest.approx(1.0, rel=1e-3)


def test_swapping_twice_changes_nothing() -> None:
    layer = nn.Linear(3, 2)
    average = Average(list(layer.parameters()), 0.5)
    with torch.no_grad():
        layer.weight += 1
    before = layer.weight.detach().clone()
    average.update()
    average.swap()
    assert not torch.equal(layer.weight, before)
    average.swap()
    assert torch.equal(layer.weight, before)


@torch.no_grad()
def test_folding_normalises_the_latents_and_leaves_the_pictures_alone() -> None:
    torch.manual_seed(1)
    model = vae.build().eval()
    pictures = torch.randn(4, 3, 32, 32)
    latents = model.encode(pictures).latent_dist.mean
    before = model.decode(latents).sample
    vae.fold(model, latents.mean((0, 2, 3)), latents.std((0, 2, 3)))
    again = model.encode(pictures).latent_dist.mean
    assert torch.allclose(again.mean((0, 2, 3)), torch.zeros(4), atol=1e-4)
    assert torch.allclose(again.std((0, 2, 3)) * vae.SCALE, torch.ones(4), atol=1e-4)
    assert torch.allclose(model.decode(again).sample, before, atol=1e-3)


def test_words_of_the_grammar_are_single_tokens_and_any_text_is_allowed(tmp_path: Path) -> None:
    words = tokens.words_of(tmp_path)
    ids = words("an outlined teal star to the left of three crosses, gray background").input_ids
    assert len(ids) == 2 + 13
    odd = words.decode(words("a fox, été 4k").input_ids, skip_special_tokens=True)
    assert odd.replace(" ", "") == "afox,été4k"
    assert len(text.tokenizer(tmp_path)) == len(words)


def test_training_resumes_where_it_stopped(tmp_path: Path) -> None:
    job = Job(tmp_path, seconds=1000)
    torch.manual_seed(1)
    layers = [nn.Linear(3, 3) for _ in range(2)]
    first = Stage(job, 0, "stage", layers[:1])
    for _ in range(3):
        first.advance(lambda: layers[0](torch.randn(4, 3)).square().mean(), Clock())
    first.save()
    second = Stage(job, 0, "stage", layers[1:])
    assert (second.step, second.elapsed) == (3, first.elapsed)
    assert torch.equal(layers[1].weight, layers[0].weight)
    assert torch.equal(second.average.mean[0], first.average.mean[0])
    assert torch.equal(averages(tmp_path, "stage")[0], first.average.mean[0])


def test_a_stage_that_is_over_does_nothing_more(tmp_path: Path) -> None:
    layer = nn.Linear(1, 1)
    job = Job(tmp_path, seconds=0.2, ranks=1)
    Stage(job, 0, "stage", [layer]).train(lambda: layer(torch.ones(1, 1)).sum())
    done = layer.weight.detach().clone()
    assert Stage(job, 0, "stage", [layer]).train(lambda: pytest.fail("it learns on"))
    assert torch.equal(layer.weight, done)


def test_what_is_learnt_is_shown_at_each_checkpoint_and_changes_no_dice(tmp_path: Path) -> None:
    layer = nn.Linear(1, 1)
    shown = []

    def show(step: int) -> None:
        assert (tmp_path / "stage.pt").exists()
        torch.rand(5)
        shown.append((step, torch.initial_seed()))

    stage = Stage(Job(tmp_path, seconds=0.2, ranks=1), 0, "stage", [layer])
    stage.train(lambda: layer(torch.ones(1, 1)).sum(), show=show)
    after = torch.rand(1)
    assert [step for step, _ in shown] == [stage.step]
    torch.manual_seed(shown[0][1])
    assert torch.equal(after, torch.rand(1))


def test_the_velocity_of_a_perfect_guess_costs_nothing() -> None:
    latents = torch.randn(4, 4, 16, 16)
    said = torch.zeros(4, text.LENGTH, text.WIDTH)

    def unet(noisy, times, *_, **__):
        alpha = diffusion.scheduler().alphas_cumprod[times][:, None, None, None]
        noise = (noisy - alpha.sqrt() * latents) / (1 - alpha).sqrt()
        return (alpha.sqrt() * noise - (1 - alpha).sqrt() * latents,)

    assert float(diffusion.velocity_loss(unet, latents, said)) < 1e-6


def test_noisy_steps_come_up_more_often() -> None:
    times = diffusion.random_times(4000)
    assert int(times.min()) >= 0 and int(times.max()) < 1000
    assert 0.74 < float((times >= 500).float().mean()) < 0.82


def test_the_reader_is_asked_what_the_caption_says() -> None:
    asked = dict(zip(TRAITS, traits_of("a pink moon over a white diamond, gray background"), strict=True))
    answers = {trait: TRAITS[trait][number] for trait, number in asked.items()}
    assert answers == {
        "background": "gray",
        "number": 2,
        "relation": "above",
        "shape": "moon",
        "colour": "pink",
        "style": "flat",
        "second shape": "diamond",
        "second colour": "white",
    }
    assert traits_of("blue background")[1:] == [0] * 7
    assert traits_of("") == [0] * 8


def test_the_reader_learns(tmp_path: Path) -> None:
    torch.manual_seed(1)
    words = tokens.words_of(tmp_path)
    encoder, heads = text.text_encoder(words), reading.Heads()
    captions, answers = reading.batch(Random(1))
    numbers = tokens.tokens_of(words, captions)
    parameters = [*encoder.parameters(), *heads.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=3e-3)
    losses = []
    for _ in range(30):
        loss = heads.loss(encoder(numbers).last_hidden_state[:, -1], answers)
        losses.append(float(loss.detach()))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[-1] < 0.7 * losses[0]


def test_the_curves_show_every_stage_that_tells_its_loss(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(f'{{"stage": "lora", "seconds": {i}, "loss": {1 / i}}}\n' for i in range(1, 9)))
    curves.draw(log, tmp_path / "curves.svg")
    texts = [node.text for node in ElementTree.parse(tmp_path / "curves.svg").iter() if node.text]
    assert any(text.startswith("lora: 1 to 0.125") for text in texts)
