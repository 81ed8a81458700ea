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
from .engine import Engine, Policy
from .entities import Aggregation, Entity
from .lane import Limits, Load
from .loaded import Loaded
from .phases import Phases, measured
from .pieces import Sparse
from .prompt import Prompt, Role
from .runner import Finished, Observer
from .served import Served
from .truncation import Truncation
from .usage import Usage
from .vectors import Kind

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
    "Kind",
    "Limits",
    "Load",
    "Loaded",
    "Observer",
    "Phases",
    "Policy",
    "Prompt",
    "Representations",
    "Role",
    "Scores",
    "Served",
    "Sparse",
    "SparseVectors",
    "TokenVectors",
    "Truncation",
    "Usage",
    "measured",
]
