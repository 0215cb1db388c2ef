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
from models.starter.crew import Job, save
from models.starter.grammar import TRAITS, caption, traits_of
from models.starter.scenes import one_thing, related_things, several_things
from models.starter.stage import Stage
from models.starter.tokens import tokens_of, words_of

BATCH = 24
_MAKERS = ((one_thing, 0.4), (several_things, 0.2), (related_things, 0.4))


class Heads(nn.Module):
    """One linear question for each trait."""

    def __init__(self) -> None:
        super().__init__()
        self.questions = nn.ModuleList(nn.Linear(text.WIDTH, len(answers)) for answers in TRAITS.values())

    def loss(self, features: Tensor, answers: Tensor) -> Tensor:
        """Mean cross entropy of (n, width) features and (n, traits) answers."""
        losses = [
            nn.functional.cross_entropy(ask(features), answers[:, i]) for i, ask in enumerate(self.questions)
        ]
        return torch.stack(losses).mean()

    def right(self, features: Tensor, answers: Tensor) -> float:
        """The share of rows in which every answer is right."""
        guesses = torch.stack([ask(features).argmax(1) for ask in self.questions], 1)
        return float((guesses == answers).all(1).float().mean())


def batch(rng: Random) -> tuple[list[str], Tensor]:
    """Captions and their answers, (n, traits)."""
    makers, weights = zip(*_MAKERS, strict=True)
    captions = [caption(rng.choices(makers, weights)[0](rng), rng) for _ in range(BATCH)]
    return captions, torch.tensor([traits_of(said) for said in captions])


def train(job: Job, rank: int) -> None:
    """Train until the time is up, resuming from the checkpoint; rank 0 leaves ``text.pt`` in the folder."""
    words = words_of(job.folder)
    encoder, heads = text.text_encoder(words).to(job.device), Heads().to(job.device)
    stage = Stage(job, rank, "reading", [encoder, heads])

    def loss_of() -> Tensor:
        captions, answers = batch(stage.rng)
        tokens = tokens_of(words, captions).to(job.device)
        rows, columns = (tokens == words.eos_token_id).nonzero(as_tuple=True)
        features = encoder(tokens).last_hidden_state[rows, columns]
        return heads.loss(features, answers.to(job.device)[rows])

    if stage.train(loss_of, log_every=50):
        save(job.folder / "text.pt", encoder.state_dict())
