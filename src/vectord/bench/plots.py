"""Two plots of each workload: throughput against connections, and latency against percentiles."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .report import contenders, places, rate
from .rounds import Results
from .summary import PERCENTS, Spread

WANTED = "matplotlib is not installed: pip install 'vectord[bench]'"


def plot(results: Results, folder: Path) -> str | None:
    """Write the plots as PNG files; return why there are none, if so."""
    if find_spec("matplotlib") is None:
        return WANTED
    from matplotlib.figure import Figure  # without pyplot: no window, no state of the process

    for workload in dict.fromkeys(name for name, _ in places(results)):
        levels = [connections for name, connections in places(results) if name == workload]
        figure = Figure(figsize=(8, 5), layout="constrained")
        throughput(figure.subplots(), results, workload, levels)
        figure.savefig(folder / f"throughput-{workload}.png", dpi=120)
        figure = Figure(figsize=(8, 5), layout="constrained")
        latency(figure.subplots(), results, workload, levels[-1])
        figure.savefig(folder / f"latency-{workload}.png", dpi=120)
    return None


def throughput(axes: Any, results: Results, workload: str, levels: list[int]) -> None:
    """Draw texts per second of each contender: the median, from least to most."""
    for name in dict.fromkeys(name for level in levels for name in contenders(results, workload, level)):
        found = [(level, results.of(workload, level, name)) for level in levels]
        spreads = [(level, Spread.of([rate(run, "texts") for run in runs])) for level, runs in found if runs]
        middle = [one.median for _, one in spreads]
        below = [one.median - one.least for _, one in spreads]
        above = [one.most - one.median for _, one in spreads]
        axes.errorbar(
            [level for level, _ in spreads], middle, (below, above), marker="o", capsize=3, label=name
        )
    axes.set(title=f"{workload}: throughput", xlabel="connections", ylabel="texts/s", ylim=(0, None))
    axes.set_xscale("log", base=2)
    axes.set_xticks(levels, [str(level) for level in levels])
    axes.legend(fontsize="small")


def latency(axes: Any, results: Results, workload: str, connections: int) -> None:
    """Draw the latency of each contender at each percentile, the median over the rounds."""
    for name in contenders(results, workload, connections):
        timed = [run["latency"] for run in results.of(workload, connections, name) if run.get("latency")]
        if timed:
            middle = [
                1000 * Spread.of([one[f"p{percent:g}"] for one in timed]).median for percent in PERCENTS
            ]
            axes.plot(range(len(PERCENTS)), middle, marker="o", label=name)
    axes.set(title=f"{workload}, {connections} connections: latency", ylabel="ms", yscale="log")
    axes.set_xticks(range(len(PERCENTS)), [f"{percent:g} %" for percent in PERCENTS])
    if axes.lines:
        axes.legend(fontsize="small")
