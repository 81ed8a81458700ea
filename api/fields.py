"""A request's headers by name, sorted out once, since handlers ask for half a dozen of them."""

from starlette.types import Scope

SCOPE_KEY = "vectord.fields"


def field(scope: Scope, name: bytes) -> str | None:
    """Return what a request's header says, by its name in lower case; None where it is not there.

    What one says several times stands in a row with commas between (RFC 9110, 5.3).
    """
    fields: dict[bytes, bytes] | None = scope.get(SCOPE_KEY)
    if fields is None:
        fields = scope[SCOPE_KEY] = by_name(scope["headers"])
    value = fields.get(name)
    return None if value is None else value.decode("latin-1")


def by_name(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return headers by name."""
    fields = dict(headers)
    if len(fields) < len(headers):
        for name in fields:
            fields[name] = b", ".join([value for key, value in headers if key == name])
    return fields
