"""The head of a request, parted: what frames it and is h11's to judge, and what is only passed on."""

import re

END = b"\r\n\r\n"
# plain lines only: whatever is stranger than this is left to h11 as it is
FIELDS = re.compile(rb"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)+")
# the headers that frame a message; see RFC 9112, 6
JUDGED = frozenset(
    (b"host", b"connection", b"content-length", b"transfer-encoding", b"expect", b"te", b"trailer")
)


def split(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return a request without the headers that do not frame it, and these, names in lower case.

    What is not a whole and plain head, or wants another protocol, stays as it is.
    """
    head, end, rest = data.partition(END)
    line, _, fields = head.partition(b"\r\n")
    if not end or not FIELDS.fullmatch(fields + b"\r\n"):
        return data, []
    judged, aside = [line], []
    for field in fields.split(b"\r\n"):
        name, _, value = field.partition(b":")
        name = name.lower()
        if name == b"upgrade":
            return data, []
        if name in JUDGED:
            judged.append(field)
        else:
            aside.append((name, value.strip(b" \t")))
    return b"\r\n".join(judged) + end + rest, aside
