"""The labels of a classifier, as config.json names them."""

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


def label_count(config: Config) -> int:
    """Return how many labels the classifier scores."""
    return len(labels(config))
