"""The labels of a classifier, as config.json names them."""

from vectord.core import Scoring

from ..config import Config


def labels(config: Config) -> tuple[str, ...]:
    """Return the label names in index order; transformers' default is two."""
    named = config.section("id2label").values
    if named:
        if sorted(named) != sorted(map(str, range(len(named)))):
            raise config.wrong("id2label", f"keyed by 0 to {len(named) - 1}", ", ".join(map(str, named)))
        return tuple(str(named[str(index)]) for index in range(len(named)))
    return tuple(f"LABEL_{index}" for index in range(config.size("num_labels", 2, most=100_000)))


def scoring_of(config: Config) -> Scoring:
    """Return how logits become scores, by `problem_type`, as transformers' pipelines choose.

    A single label has no others to share with, so its score is a sigmoid.
    """
    kind = config.word("problem_type", "single_label_classification")
    if kind not in SCORING:
        raise config.wrong("problem_type", f"one of {', '.join(SCORING)}", kind)
    scoring = SCORING[kind]
    return "sigmoid" if scoring == "softmax" and label_count(config) == 1 else scoring


SCORING: dict[str, Scoring] = {
    "single_label_classification": "softmax",
    "multi_label_classification": "sigmoid",
    "regression": "identity",
}


def label_count(config: Config) -> int:
    """Return how many labels the classifier scores."""
    return len(labels(config))
