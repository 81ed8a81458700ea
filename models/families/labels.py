"""The labels of a classifier, as config.json names them."""

from vectord.core import Scoring

from ..config import Config


def labels(config: Config) -> tuple[str, ...]:
    """Return the label names in index order; transformers' default is two."""
    named = config.section("id2label").values
    if named:
        try:
            return tuple(str(named[key]) for key in sorted(named, key=int))
        except ValueError:
            raise config.wrong("id2label", "keyed by label index", list(named)) from None
    return tuple(f"LABEL_{index}" for index in range(config.size("num_labels", 2, most=100_000)))


def scoring_of(config: Config) -> Scoring:
    """Return how logits become scores, by `problem_type`; transformers' pipelines choose alike without it.

    A single label has no others to share with, so its score is a sigmoid.
    """
    scoring = SCORING.get(config.word("problem_type", ""))
    if scoring is not None:
        return scoring
    if config.has("problem_type"):
        raise config.wrong("problem_type", f"one of {', '.join(SCORING)}", config.word("problem_type"))
    return "sigmoid" if label_count(config) == 1 else "softmax"


SCORING: dict[str, Scoring] = {
    "single_label_classification": "softmax",
    "multi_label_classification": "sigmoid",
    "regression": "identity",
}


def label_count(config: Config) -> int:
    """Return how many labels the classifier scores."""
    return len(labels(config))
