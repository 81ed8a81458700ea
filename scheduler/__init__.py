"""The scheduler: engine, lanes, runners, packer."""

from .cores import CoreBudget
from .engine import Embeddings, Engine, Policy, Scores
from .lane import Limits
from .loaded import Loaded
from .runner import Finished, Observer
from .served import Served

__all__ = [
    "CoreBudget",
    "Embeddings",
    "Engine",
    "Finished",
    "Limits",
    "Loaded",
    "Observer",
    "Policy",
    "Scores",
    "Served",
]
