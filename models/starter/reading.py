"""Stage two: the text encoder learns to read, before there is a picture.

Diffusion alone takes long to find out that the words matter, and longer to learn which colour belongs to
which thing. So the encoder is first taught to say, at the end mark and at every padding token behind it,
what the prompt asked for: background, number, relation, and each thing's shape, colour and style. The
linear heads that ask are thrown away; what stays are features in which every attribute of every thing has
its own direction.
"""

from __future__ import annotations

from random import Random

import torch
from torch import Tensor, nn

from models.starter import text
from models.starter.crew import Clock, Flat, Job, Log, save
from models.starter.grammar import TRAITS, caption, traits_of
from models.starter.scenes import one_thing, related_things, several_things
from models.starter.tokens import tokens_of, words_of

BATCH = 24
_MAKERS = ((one_thing, 0.4), (several_things, 0.2), (related_things, 0.4))


class Heads(nn.Module):
    """One linear question for each trait."""

    def __init__(self) -> None:
        super().__init__()
        self.questions = nn.ModuleList(nn.Linear(text.WIDTH, len(answers)) for answers in TRAITS.values())

    def loss(self, features: Tensor, answers: Tensor) -> tuple[Tensor, Tensor]:
        """Mean cross entropy of (n, width) features and (n, traits) answers; the share of all-right rows."""
        losses, right = [], torch.ones(len(features), dtype=torch.bool, device=features.device)
        for i, question in enumerate(self.questions):
            guess = question(features)
            losses.append(nn.functional.cross_entropy(guess, answers[:, i]))
            right &= guess.argmax(1) == answers[:, i]
        return torch.stack(losses).mean(), right.float().mean()


def batch(rng: Random) -> tuple[list[str], Tensor]:
    """Captions and their answers, (n, traits)."""
    makers, weights = zip(*_MAKERS, strict=True)
    captions = [caption(rng.choices(makers, weights)[0](rng), rng) for _ in range(BATCH)]
    return captions, torch.tensor([traits_of(said) for said in captions])


def train(job: Job, rank: int) -> None:
    """Train until the time is up; rank 0 leaves ``text.pt`` in the folder."""
    torch.manual_seed(job.seed)
    words = words_of(job.folder)
    encoder, heads = text.text_encoder(words).to(job.device), Heads().to(job.device)
    flat = Flat([encoder, heads])
    optimiser = torch.optim.AdamW(
        flat.parameters, lr=job.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True
    )
    rng, log, clock = Random(job.seed * 7919 + rank), Log(job.folder / "log.jsonl", rank), Clock()
    elapsed, step, total = 0.0, 0, 0.0
    while elapsed < job.seconds:
        captions, answers = batch(rng)
        tokens = tokens_of(words, captions).to(job.device)
        features = encoder(tokens).last_hidden_state
        rows, columns = (tokens == words.eos_token_id).nonzero(as_tuple=True)
        loss, right = heads.loss(features[rows, columns], answers.to(job.device)[rows])
        flat.gradient.zero_()
        loss.backward()
        elapsed = flat.average(clock.elapsed(), limit=1.0)
        for group in optimiser.param_groups:
            group["lr"] = job.rate_at(elapsed)
        optimiser.step()
        step, total = step + 1, total + float(right)
        if step % 50 == 0:
            log.write(
                stage="reading",
                step=step,
                seconds=round(elapsed),
                loss=float(loss.detach()),
                right=total / 50,
                left=round(job.seconds - elapsed),
            )
            total = 0.0
    if rank == 0:
        save(job.folder / "text.pt", encoder.state_dict())
