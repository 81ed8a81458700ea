"""The parts of the documentation that follow from the code: `python -m tests.docs` writes them anew."""

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import Field
from pathlib import Path
from typing import Any

from vectord import core, errors
from vectord.api import Metrics
from vectord.api.app import SURFACE
from vectord.api.openapi import described
from vectord.api.tei import tei_body, tei_status
from vectord.config import choices_of, declared, default_of, flag, variable
from vectord.errors import RequestError
from vectord.flags import GROUPS, show
from vectord.plugins import hookspecs
from vectord.table import HEAD, families_table

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/word-mean"
CLIENTS = ROOT / "tests/clients/published"
OF_THE_ROOT = "The server failed in a way that nobody foresaw; its log has the cause."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def code(text: str, language: str = "python") -> str:
    """Return a Markdown code block."""
    return f"```{language}\n{text.strip()}\n```"


def settings() -> str:
    """Return every setting, by group."""
    parts = []
    for group, title in GROUPS.items():
        rows = [setting(item) for item in declared() if item.metadata["group"] == group]
        parts.append(f"### {title.capitalize()}\n\n{table(('flag', 'variable', 'default', 'meaning'), rows)}")
    return "\n\n".join(parts)


def setting(item: Field[Any]) -> tuple[str, ...]:
    """Return one setting's row."""
    default, choices = default_of(item), choices_of(item)
    told = item.metadata["help"] + (f" One of {', '.join(choices)}." if choices else "")
    spelled = f"`{flag(item.name)}`"
    if item.type is bool:
        spelled += f", `--no-{flag(item.name)[2:]}`" if default else ""
    return (
        spelled,
        f"`{variable(item.name)}`",
        f"`{show(default)}`" if default not in (None, ()) else "",
        told,
    )


def routes() -> str:
    """Return every route."""
    rows = []
    for one in described(SURFACE):
        path = re.sub(r":\w+}", "}", one.path)
        rows.append(
            (f"`{one.method} {path}`", one.operation.summary, "yes" if one.operation.needs_key else "no")
        )
    return table(("route", "what it does", "asks for a key"), rows)


def failures() -> str:
    """Return every error that a client can see."""
    kinds = [
        kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, RequestError)
    ]
    rows = []
    for kind in sorted(kinds, key=lambda kind: kind.status):
        error = kind("")
        on_embed = f"{tei_status(error).value} `{tei_body(error, '').error_type}`"
        said = OF_THE_ROOT if kind is RequestError else (kind.__doc__ or "").split("\n")[0]
        rows.append((str(kind.status.value), f"`{error.kind}`", f"`{error.code or 'null'}`", on_embed, said))
    return table(("status", "`type`", "`code`", "on `/embed`", "when"), rows)


def metrics() -> str:
    """Return every metric."""
    made = Metrics()
    made.watch(())
    families = sorted(made.registry.collect(), key=lambda family: family.name)
    rows = []
    for family in families:
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = {label for sample in family.samples for label in sample.labels if label != "le"} or {"model"}
        rows.append((f"`{name}`", family.type, ", ".join(sorted(labels)), family.documentation))
    return table(("name", "type", "labels", "meaning"), rows)


def hooks() -> str:
    """Return every hook with its signature and what it promises."""
    found = [one for one in vars(hookspecs).values() if hasattr(one, "vectord_spec")]
    return "\n\n".join(code(inspect.getsource(one)) for one in found)


def contract() -> str:
    """Return the types that a backend meets."""
    kinds = (core.Backend, core.Options, core.CacheSpace, core.Bid, core.Refusal, core.Session, core.Batch)
    return "\n\n".join(code(inspect.getsource(kind)) for kind in kinds)


def example() -> str:
    """Return the example backend, whole."""
    project, module = EXAMPLE / "pyproject.toml", EXAMPLE / "vectord_word_mean.py"
    return f"{code(project.read_text(), 'toml')}\n\n{code(module.read_text())}"


def clients() -> str:
    """Return which published clients prove each route; their tests see to it that they ask just these."""
    rows = []
    for listed in SURFACE:
        route = re.sub(r":\w+}", "}", f"{listed.method} {listed.path}")
        proofs = sorted(client for client, asked in driven().items() if route in asked)
        if listed.operation.needs_key:
            rows.append((f"`{route}`", ", ".join(proofs) or "raw requests only"))
    return table(("route", "proven by"), rows)


def driven() -> dict[str, tuple[str, ...]]:
    """Return the routes that each published client's test says it asks."""
    found = map(named, sorted(CLIENTS.glob("test_*.py")))
    return {one["CLIENT"]: one["ROUTES"] for one in found if "CLIENT" in one}


def named(file: Path) -> dict[str, Any]:
    """Return the constants of a module that say which client it drives, without importing the client."""
    return {
        line.targets[0].id: ast.literal_eval(line.value)
        for line in ast.parse(file.read_text()).body
        if isinstance(line, ast.Assign)
        and isinstance(line.targets[0], ast.Name)
        and line.targets[0].id in ("CLIENT", "ROUTES")
    }


def families() -> str:
    """Return every declared family."""
    return table(HEAD, families_table())


GENERATED: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/settings.md", "settings"): settings,
    ("docs/http.md", "routes"): routes,
    ("docs/http.md", "errors"): failures,
    ("docs/observability.md", "metrics"): metrics,
    ("docs/dialects.md", "clients"): clients,
    ("docs/families.md", "families"): families,
    ("docs/plugins.md", "hooks"): hooks,
    ("docs/plugins.md", "contract"): contract,
    ("docs/plugins.md", "example"): example,
}


def replaced(text: str, name: str, content: str) -> str:
    """Return a page with one generated part made anew."""
    begin, end = f"<!-- begin {name}: made by python -m tests.docs -->", f"<!-- end {name} -->"
    before, _, rest = text.partition(begin)
    _, mark, after = rest.partition(end)
    assert mark, f"{begin} and {end} must be there"
    return f"{before}{begin}\n{content}\n{end}{after}"


def main() -> None:
    """Write every generated part."""
    for (file, name), make in GENERATED.items():
        page = ROOT / file
        page.write_text(replaced(page.read_text(), name, make()))


if __name__ == "__main__":
    main()
