"""The scheduler: engine, lanes, runners, packer."""

from .answers import Classes, Embeddings, Entities, Representations, Scores, SparseVectors, TokenVectors
from .cores import CoreBudget
from .engine import Engine, Policy
from .entities import Aggregation, Entity
from .lane import Limits
from .loaded import Loaded
from .pieces import Sparse
from .runner import Finished, Observer
from .served import Served

__all__ = [
    "Aggregation",
    "Classes",
    "CoreBudget",
    "Embeddings",
    "Engine",
    "Entities",
    "Entity",
    "Finished",
    "Limits",
    "Loaded",
    "Observer",
    "Policy",
    "Representations",
    "Scores",
    "Served",
    "Sparse",
    "SparseVectors",
    "TokenVectors",
]
