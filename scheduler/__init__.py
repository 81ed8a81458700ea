"""The scheduler: engine, lanes, runners, packer."""

from .answers import (
    Answer,
    Classes,
    Embeddings,
    Entities,
    Representations,
    Scores,
    SparseVectors,
    TokenVectors,
)
from .cores import CoreBudget
from .cost import Timed
from .engine import Engine, Policy
from .entities import Aggregation, Entity
from .limits import Limits
from .loaded import Loaded, Replica
from .phases import Interval, Phase, Phases, measured, note_together
from .pieces import Sparse
from .precision import Precision
from .prompt import Prompt, Role
from .repeats import Repeats
from .runner import Finished, Observer
from .served import Served
from .terms import Terms, on_terms
from .truncation import Truncation
from .usage import Usage
from .vectors import Kind
from .wide import Wide

__all__ = [
    "Aggregation",
    "Answer",
    "Classes",
    "CoreBudget",
    "Embeddings",
    "Engine",
    "Entities",
    "Entity",
    "Finished",
    "Interval",
    "Kind",
    "Limits",
    "Loaded",
    "Observer",
    "Phase",
    "Phases",
    "Policy",
    "Precision",
    "Prompt",
    "Repeats",
    "Replica",
    "Representations",
    "Role",
    "Scores",
    "Served",
    "Sparse",
    "SparseVectors",
    "Terms",
    "Timed",
    "TokenVectors",
    "Truncation",
    "Usage",
    "Wide",
    "measured",
    "note_together",
    "on_terms",
]
