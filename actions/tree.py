"""See where a picture comes from, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from actions.person import Person
from actions.rights import seen_job, viewer_of
from actions.studio import Studio
from core.errors import Refusal
from db.jobs import Job
from db.lineage import ancestors, children, count_children
from db.seen import Viewer

#: Steps back that are shown, jobs that were made of one, and jobs in all.
MOST_ANCESTORS = 12
MOST_CHILDREN = 8
MOST_LINES = 30


@dataclass(frozen=True, kw_only=True)
class Node:
    """A job in its family."""

    depth: int
    #: None where it is not the person's to see, as what a job of theirs was made from may be.
    job: Job | None
    #: What it was made from, where that is shown.
    parent: Job | None
    #: Jobs made from it for which there is no room.
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Tree:
    #: Each before what was made of it.
    nodes: tuple[Node, ...]
    #: The job that was asked for.
    job: Job
    #: It comes from further back than is shown.
    cut: bool


def tree(studio: Studio, person: Person, job_id: str) -> Tree:
    """What a job comes from, and what came of it that they may see. Raises NotFound, NotAllowed."""
    with studio.database.read() as session:
        job = seen_job(session, person, job_id)
        before = ancestors(session, job, limit=MOST_ANCESTORS)
        nodes: list[Node] = []
        parent: Job | None = None
        for depth, one in enumerate(before):
            seen = _if_seen(session, person, one)
            nodes.append(Node(depth=depth, job=seen, parent=parent))
            parent = seen
        _add(session, viewer_of(session, person), nodes, job, parent, len(before))
        cut = len(before) == MOST_ANCESTORS and before[0].parent_id is not None
    return Tree(nodes=tuple(nodes), job=job, cut=cut)


def _add(
    session: Session, viewer: Viewer, nodes: list[Node], job: Job, parent: Job | None, depth: int
) -> None:
    """A job, then what was made of it."""
    room = min(MOST_CHILDREN, MOST_LINES - len(nodes) - 1)
    made = children(session, job.id, viewer, limit=room) if room > 0 else []
    at = len(nodes)
    nodes.append(Node(depth=depth, job=job, parent=parent))
    shown = 0
    for child in made:
        if len(nodes) < MOST_LINES:
            _add(session, viewer, nodes, child, job, depth + 1)
            shown += 1
    more = count_children(session, job.id, viewer) - shown
    nodes[at] = Node(depth=depth, job=job, parent=parent, more=more)


def _if_seen(session: Session, person: Person, job: Job) -> Job | None:
    try:
        return seen_job(session, person, job.id)
    except Refusal:
        return None
