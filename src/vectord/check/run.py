"""A line for each check, and the exit status."""

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..errors import SettingError
from .checks import CHECKS
from .client import CheckFailed, Client
from .command import KEY, TASKS


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as the server lists it: what it can do, and the width of its vectors where the server says."""

    name: str
    tasks: tuple[str, ...]
    width: int | None


def run(parsed: argparse.Namespace) -> int:
    """Run the checks, print a line for each, and return the exit status."""
    url = parsed.url or f"http://127.0.0.1:{os.environ.get('VECTORD_PORT') or 8080}"
    client = Client.of(url, parsed.timeout, key_of(parsed.api_key_env))
    if not passes("ready", lambda: ready(client)):
        return 1
    if parsed.ready:
        return 0
    try:
        found = wanted(listed(client), parsed.model)
    except CheckFailed as error:
        print(f"FAIL  models: {error}", flush=True)
        return 1
    results = [every(client, model, parsed.task) for model in found]
    return int(not all(results))


def every(client: Client, model: Listed, tasks: list[str] | None) -> bool:
    """Run a model's checks."""
    todo = tasks or [task for task in TASKS if task in model.tasks]
    if not todo:
        print(f"skip  {model.name}: can {', '.join(model.tasks)}, which nothing here checks", flush=True)
    results = [
        passes(f"{model.name} {task}", partial(CHECKS[task], client, model.name, model.width))
        for task in todo
    ]
    return all(results)


def passes(name: str, work: Callable[[], str]) -> bool:
    """Do one check and print how it went."""
    began = time.perf_counter()
    try:
        found = work()
    except CheckFailed as error:
        print(f"FAIL  {name}: {error}", flush=True)
        return False
    print(f"ok    {name}: {found}, {(time.perf_counter() - began) * 1000:.0f} ms", flush=True)
    return True


def ready(client: Client) -> str:
    """Ask whether the server takes requests. Raises `CheckFailed`."""
    client.get("/readyz")
    return client.url


def listed(client: Client) -> list[Listed]:
    """Return the models of the server. Raises `CheckFailed`."""
    answer = client.get("/v1/models")
    try:
        return list(models(answer["data"]))
    except (KeyError, TypeError, AttributeError):
        raise CheckFailed("the answer does not list models") from None


def models(entries: list[dict[str, Any]]) -> Iterator[Listed]:
    """Yield the models of an answer; another server than vectord does not say what they can do."""
    for one in entries:
        told = one.get("vectord") or {"tasks": ["embed"]}
        yield Listed(str(one["id"]), tuple(told["tasks"]), told.get("dimensions"))


def wanted(found: list[Listed], names: list[str] | None) -> list[Listed]:
    """Return the models to check. Raises `CheckFailed` if one is not served, or none is."""
    if not found:
        raise CheckFailed("the server lists none")
    known = {one.name: one for one in found}
    for name in names or ():
        if name not in known:
            raise CheckFailed(f"{name} is not served; there are {', '.join(known)}")
    return [known[name] for name in names] if names else found


def key_of(variable: str | None) -> str | None:
    """Return the first key of a variable. Raises `SettingError` if one was named and is empty."""
    key = os.environ.get(variable or KEY, "").split(",")[0].strip()
    if variable and not key:
        raise SettingError(f"--api-key-env {variable}: the variable is not set")
    return key or None
