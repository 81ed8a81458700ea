"""The `vectord` command. Errors are one line; a traceback is a bug."""

import argparse
import asyncio
import gc
import logging
import os
from collections.abc import Coroutine, Sequence
from contextlib import closing
from typing import Any

from . import __version__
from .bench.command import add_bench
from .check.command import add_check
from .config import Settings, declared, variable
from .errors import StartError
from .file import load_settings
from .flags import Formatter, Parser, add_flag, add_settings, given
from .logs import complain, set_up_logs
from .memory import keep_memory

SERVE_EXAMPLES = """examples:
  vectord serve                                  all-MiniLM-L6-v2 on http://127.0.0.1:8080
  vectord serve BAAI/bge-small-en-v1.5@a5beb1e   a hub model, its revision pinned
  vectord serve small=./my-model text-embedding-3-small=./my-model
                                                 a directory under two names
  vectord serve ./embedder ./reranker            two models on one port
"""
PULL_EXAMPLES = """examples:
  vectord pull BAAI/bge-small-en-v1.5@a5beb1e    one model, its revision pinned
  vectord pull                                   what VECTORD_MODELS or VECTORD_CONFIG name
  HF_HUB_OFFLINE=1 vectord serve BAAI/bge-small-en-v1.5@a5beb1e
                                                 then it is served without the hub

Models go to the hub's cache: HF_HOME, else ~/.cache/huggingface. A whole copy is checked and not fetched
again; one that was cut off goes on where it ended. HF_TOKEN opens private models, HF_ENDPOINT names a
mirror. Exit status 1: a model could not be had; the others were fetched all the same.
"""
# requests and connections leave no cycles (tests/api/test_garbage.py), libraries may
GC_THRESHOLD = (10_000, 5, 5)
MODEL_HELP = """Directory, hub id (ID@REVISION pins it) or NAME=DIR_OR_ID. Default: all-MiniLM-L6-v2.
[VECTORD_MODELS]"""


def parser() -> Parser:
    """Return the command line."""
    root = Parser("vectord", description="Embedding and rerank server.", formatter_class=Formatter)
    root.add_argument("--version", action="version", version=f"vectord {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = commands.add_parser(
        "serve",
        help="serve models over HTTP",
        description="Serve embedding and rerank models to OpenAI, Cohere, Jina and TEI clients.",
        epilog=SERVE_EXAMPLES,
        formatter_class=Formatter,
    )
    add_settings(serve)
    plan = commands.add_parser(
        "plan",
        help="show which backend would run a model, and why",
        description="Show the hardware found, every backend's bid with its reason, and the choice.",
        formatter_class=Formatter,
    )
    add_settings(plan, ["model"])
    plan.add_argument(
        "--measure",
        action="store_true",
        help="Load the model in every precision of every backend and measure tokens per second (minutes).",
    )
    commands.add_parser(
        "families",
        help="show which model families vectord knows",
        description="Show every declared family, what it gives, and how near each backend came to its "
        "reference: the largest difference of a figure, measured on small checkpoints.",
        formatter_class=Formatter,
    )
    add_bench(commands, Formatter, MODEL_HELP)
    add_check(commands, Formatter)
    for command in (serve, plan, add_pull(commands)):
        command.add_argument("models", nargs="*", metavar="MODEL", help=MODEL_HELP)
    return root


def add_pull(commands: Any) -> Parser:
    """Add `vectord pull` and return it."""
    pull: Parser = commands.add_parser(
        "pull",
        help="fetch models, so that serving needs no network",
        description="Fetch what serving needs of models from the hub, and check it.",
        epilog=PULL_EXAMPLES,
        formatter_class=Formatter,
    )
    add_flag(pull, next(item for item in declared() if item.name == "config"))
    pull.add_argument(
        "--update",
        action="store_true",
        help="Ask the hub whether a branch or tag has moved, where a whole copy is there.",
    )
    return pull


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status."""
    try:
        parsed = parser().parse_args(arguments)
        if parsed.command == "families":
            return show_families()
        if parsed.command == "bench":
            return bench(parsed)
        if parsed.command == "check":
            return check(parsed)
        if parsed.command == "serve" and wants_json(parsed):
            set_up_logs("json", "info")  # what is wrong with the settings is a line of the log too
        settings = load_settings(given(parsed))
        if parsed.command == "pull":
            return pull(settings, parsed)
        set_up_logs(settings.log_format, settings.log_level)
        set_up_threads(settings)
        return serve(settings) if parsed.command == "serve" else show_plan(settings, parsed.measure)
    except StartError as error:
        complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def wants_json(parsed: argparse.Namespace) -> bool:
    """Whether flag or variable ask for logs in JSON, as far as that can be told before settings are read."""
    return getattr(parsed, "log_format", os.environ.get(variable("log_format"))) == "json"


def set_up_threads(settings: Settings) -> None:
    """Bound thread pools that libraries size at import, by the host's cores if nobody tells them."""
    from .hardware import detect
    from .load import cores_of

    cores = str(cores_of(settings, detect()))
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ.setdefault(name, cores)
    # inputs are spread over our own threads; a second pool inside each would only fight for cores
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # OpenMP threads that spin between batches take the cores from the server and from other models
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def show_families() -> int:
    """Print the table of families."""
    from .table import HEAD, aligned, families_table

    print("\n".join(aligned([HEAD, *families_table()])))
    return 0


def check(parsed: argparse.Namespace) -> int:
    """Check a server that runs."""
    from .check.run import run

    return run(parsed)


def bench(parsed: argparse.Namespace) -> int:
    """Measure served speed."""
    from .bench.run import run

    return run(parsed)


def pull(settings: Settings, parsed: argparse.Namespace) -> int:
    """Fetch models."""
    from .pull import pull, quiet_unless_watched

    quiet_unless_watched()  # before the hub's library is imported
    return pull(settings, update=parsed.update)


def show_plan(settings: Settings, measured: bool) -> int:
    """Print the plan."""
    from .plan import plan

    for line in plan(settings, measured):
        print(line, flush=True)
    return 0


def serve(settings: Settings) -> int:
    """Load the models and serve them until a signal."""
    from .api import Drain, Metrics, bind, bound_for_metrics, create_app, create_metrics_app, tracing
    from .api import serve as serve_app
    from .compose import build_engine

    settings.keys()  # like the address: what cannot be had is known before models load
    metrics, drain = Metrics(), Drain()
    keep_memory()
    with (
        tracing(settings, os.environ) as tracer,
        closing(bind(settings.host, settings.port)) as sock,
        bound_for_metrics(settings) as metrics_sock,
    ):
        engine = build_engine(
            settings,
            lambda done: metrics.batches.finished(done.model, done.tokens, done.padded_tokens, done.seconds),
        )
        spare_the_collector()
        try:
            app = create_app(engine, settings, metrics, drain, tracer)
            metrics_app = create_metrics_app(engine, settings, metrics, drain)
            beside = (metrics_app, metrics_sock) if metrics_sock else None
            run_loop(serve_app(app, sock, settings, drain, beside))
        finally:
            engine.close()
    logging.getLogger("vectord").info("stopped")
    return 0


def spare_the_collector() -> None:
    """Keep the garbage collector from walking over all that was loaded, request after request.

    Measured: it took 31 % of the event loop's time. What is loaded now stays until the end.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLD)


def run_loop(work: Coroutine[None, None, None]) -> None:
    """Run on uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)
