"""GET /docs: the OpenAPI document as one page. No script and no other host's files: it works offline."""

import re
from collections.abc import Iterator
from functools import cached_property
from html import escape
from typing import Any

from starlette.responses import Response

Json = dict[str, Any]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
details { border: 1px solid #8884; border-radius: 6px; margin: .5rem 0; padding: .5rem 1rem }
summary { cursor: pointer } code { font: .9em ui-monospace, monospace } h3 { font-size: 1em }
table { border-collapse: collapse; width: 100% } td { vertical-align: top; padding: .2rem .6rem .2rem 0 }
b { font: bold .9em ui-monospace, monospace; display: inline-block; min-width: 3rem }
:root { color-scheme: light dark }
"""


class Page:
    """The page of a document, made once it is asked for."""

    def __init__(self, document: Json) -> None:
        self.document = document

    @cached_property
    def html(self) -> str:
        """The whole page."""
        info = self.document["info"]
        title = escape(f"{info['title']} {info['version']}")
        return (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
            f"<h1>{title}</h1><p>{prose(info.get('description', ''))}</p>"
            f'<p>For tools: <a href="openapi.json">openapi.json</a></p>'
            f"{''.join(self._operations())}</body></html>"
        )

    def _operations(self) -> Iterator[str]:
        for path, methods in self.document["paths"].items():
            for method, one in methods.items():
                key = " &#x1f511;" if "security" in one else ""
                yield (
                    f"<details id='{escape(one['operationId'])}'><summary><b>{method.upper()}</b> "
                    f"<code>{escape(path)}</code>{key} {prose(one['summary'])}</summary>"
                    f"{''.join(self._parts(one))}</details>"
                )

    def _parts(self, one: Json) -> Iterator[str]:
        if "parameters" in one:
            rows = [
                (f"{p['name']} ({p['in']})", "string", p.get("description", "")) for p in one["parameters"]
            ]
            yield f"<h3>Parameters</h3>{table(rows)}"
        if "requestBody" in one:
            yield f"<h3>Body</h3>{self._shape(schema_of(one['requestBody']))}"
        yield "<h3>Answers</h3>"
        for status, answer in one["responses"].items():
            told = f"<summary><b>{escape(status)}</b> {prose(answer['description'])}</summary>"
            yield f"<details>{told}{self._shape(schema_of(answer))}</details>"

    def _shape(self, schema: Json | None) -> str:
        """Return the fields of an object, or the kind of anything else."""
        if schema is None:
            return ""
        found = self._found(schema)
        if "properties" not in found:
            return f"<p><code>{escape(self._kind(schema))}</code></p>"
        required = found.get("required", ())
        rows = [
            (name + (" *" if name in required else ""), self._kind(field), said_of(field))
            for name, field in found["properties"].items()
        ]
        return f"<p>{prose(found.get('description', ''))}</p>{table(rows)}"

    def _kind(self, schema: Json, depth: int = 4) -> str:
        """Return what a value may be, in a few words."""
        if not depth:
            return "…"
        found = self._found(schema)
        if "anyOf" in found:
            return " | ".join(dict.fromkeys(self._kind(one, depth) for one in found["anyOf"]))
        if "const" in found or "enum" in found:
            return " | ".join(repr(one) for one in found.get("enum", [found.get("const")]))
        if "items" in found:
            return f"[{self._kind(found['items'], depth - 1)}]"
        if "properties" in found:
            fields = (f"{name}: {self._kind(one, depth - 1)}" for name, one in found["properties"].items())
            return f"{{{', '.join(fields)}}}"
        return str(found.get("type", "any"))

    def _found(self, schema: Json) -> Json:
        name = schema.get("$ref", "").rpartition("/")[2]
        found: Json = self.document["components"]["schemas"][name] if name else schema
        return found


def schema_of(body: Json) -> Json | None:
    """Return the schema of a body or an answer, None where it has none."""
    return next((one.get("schema") for one in body.get("content", {}).values()), None)


def said_of(field: Json) -> str:
    """Return what there is to say of a field: its description, its default, its limits."""
    words = [field.get("description", "")]
    words += [f"{word}: `{field[key]}`." for key, word in LIMITS.items() if field.get(key) is not None]
    return " ".join(filter(None, words))


LIMITS = {
    "default": "Default",
    "minimum": "At least",
    "maximum": "At most",
    "minLength": "Shortest",
    "maxLength": "Longest",
    "minItems": "Fewest",
    "maxItems": "Most",
}


def prose(text: str) -> str:
    """Return a description as HTML."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def table(rows: list[tuple[str, str, str]]) -> str:
    """Return names, kinds and what is said of them."""
    lines = (
        f"<tr><td><code>{escape(name)}</code></td><td><code>{escape(kind)}</code></td>"
        f"<td>{prose(said)}</td></tr>"
        for name, kind, said in rows
    )
    return f"<table>{''.join(lines)}</table>"


def answer(page: Page) -> Response:
    """Return the page as an answer."""
    return Response(page.html, headers={"content-security-policy": POLICY}, media_type="text/html")
