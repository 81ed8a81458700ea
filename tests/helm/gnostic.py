"""The protobuf form of a Kubernetes API's OpenAPI 2 document, as little of it as Helm reads.

Helm asks which query parameters each kind's PATCH takes. Field numbers are
those of gnostic's OpenAPIv2.proto.
"""

from collections.abc import Iterable

Kind = tuple[str, str, str]  # group, version, kind


def field(number: int, content: str | bytes) -> bytes:
    """Return one length-delimited field."""
    raw = content.encode() if isinstance(content, str) else content
    return bytes([number << 3 | 2]) + varint(len(raw)) + raw


def varint(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F)
    return bytes(group | 0x80 for group in groups[:-1]) + bytes(groups[-1:])


def parameter(name: str) -> bytes:
    """Return an operation's query parameter."""
    return field(8, field(1, field(2, field(3, field(4, name)))))


def document(kinds: Iterable[Kind]) -> bytes:
    """Return a document with a PATCH for each kind that takes fieldValidation and dryRun."""
    paths = b"".join(path(kind) for kind in kinds)
    return field(8, paths)


def path(kind: Kind) -> bytes:
    """Return the path of one kind."""
    group, version, name = kind
    known_as = f"group: '{group}'\nkind: {name}\nversion: {version}\n"
    extension = field(13, field(1, "x-kubernetes-group-version-kind") + field(2, field(2, known_as)))
    patch = field(8, parameter("fieldValidation") + parameter("dryRun") + extension)
    return field(2, field(1, f"/{group}/{version}/{name}") + field(2, patch))
