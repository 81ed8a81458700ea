"""Draws a recorded scaling loop as SVG: `python -m tests.cluster.draw FILE < course.json`."""

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure


def draw(told: dict[str, Any], file: Path) -> None:
    """Write three plots over one time: requests, pods, and answers a second."""
    moments, speed = told["moments"], told["speed"]
    minutes = [one["seconds"] / 60 for one in moments]
    figure = Figure(figsize=(8, 6.5), layout="constrained")
    requests, pods, answers = figure.subplots(3, sharex=True)

    requests.step(minutes, [one["clients"] for one in moments], where="post", color="0.7", label="clients")
    held = [float("nan") if one["held"] is None else one["held"] for one in moments]
    requests.step(minutes, held, where="post", label="the ScaledObject's query: waiting + running")
    requests.set(ylabel="requests in flight")

    pods.step(minutes, [one["wanted"] for one in moments], where="post", color="0.7", label="asked for")
    pods.step(minutes, [one["serving"] for one in moments], where="post", label="serving")
    pods.set(ylabel=f"pods ({told['target']} requests each)")

    answers.step(minutes[1:], [speed * rate(*two) for two in pairwise(moments)], label="answers")
    answers.set(
        ylabel="answers a second", xlabel=f"minutes of the manifests, {speed} times as fast as a clock's"
    )

    for axes in (requests, pods, answers):
        axes.set_ylim(0, 1.3 * axes.get_ylim()[1])  # the legend is above
        axes.legend(fontsize="small", loc="upper right")
        axes.grid(alpha=0.3)
    # text stays text and no date is in it: the file is small, and alike for a like course
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "vectord"}):
        figure.savefig(file, metadata={"Date": None})


def rate(before: dict[str, Any], after: dict[str, Any]) -> float:
    """Return answers in a second of the manifests."""
    return float((after["answered"] - before["answered"]) / (after["seconds"] - before["seconds"]))


if __name__ == "__main__":
    draw(json.load(sys.stdin), Path(sys.argv[1]))
