"""The head of an HTTP/1.1 request as it comes in: what it says, and whether it may be taken."""

from urllib.parse import urlsplit, urlunsplit

from vectord.errors import HeadersTooLarge, InvalidRequest, UnknownTransferCoding

TOO_LARGE = "The request's headers are larger than this server takes: {} bytes."
UNKNOWN_CODING = "The request's Transfer-Encoding is not supported: send chunked, or a Content-Length."
NOT_HTTP = "The request is not valid HTTP/1.1."
WISHES = (b"upgrade", b"connection", b"http2-settings")


class Head:
    """Holds at most so many bytes; names of headers are in lower case."""

    def __init__(self, most: int) -> None:
        self.has_begun = False
        self.method = b""
        self.target = b""
        self.version = ""
        self.headers: list[tuple[bytes, bytes]] = []
        self._most = most
        self._size = 0  # bytes that were read for it, or that it holds

    def begin(self) -> None:
        """Take a new request."""
        self.has_begun = True
        self.target, self.headers, self._size = b"", [], 0

    def read(self, size: int) -> None:
        """Note that so many bytes were read and it is not complete. Raises `HeadersTooLarge`."""
        self._size += size
        if self._size > self._most:
            raise HeadersTooLarge(TOO_LARGE.format(self._most))

    def add(self, name: bytes, value: bytes) -> None:
        """Take a header; those behind a body say nothing that is needed. Raises `HeadersTooLarge`."""
        if self.has_begun:
            self.headers.append((name.lower(), value.rstrip(b" \t")))
            self._size += len(name) + len(value)
            if self._size > self._most:
                raise HeadersTooLarge(TOO_LARGE.format(self._most))

    def values(self, name: bytes) -> list[bytes]:
        """Return all that is said under a name."""
        return [value for key, value in self.headers if key == name]

    def complete(self, method: bytes, version: str) -> None:
        """Note that it is complete. Raises `InvalidRequest` for one that readers may take differently."""
        self.has_begun, self.method, self.version, self._size = False, method, version, 0
        hosts = 0
        for name, value in self.headers:
            hosts += name == b"host"
            if name == b"transfer-encoding" and (value.lower() != b"chunked" or version != "1.1"):
                raise UnknownTransferCoding(UNKNOWN_CODING)
        # RFC 9112, 3.2: one host, which older clients need not name
        if version not in ("1.0", "1.1") or hosts > 1 or (version == "1.1" and not hosts):
            raise InvalidRequest(NOT_HTTP)
        if not self.target.startswith(b"/") and self.target != b"*":
            self.target = origin(self.target)

    @property
    def asks_to_continue(self) -> bool:
        """Whether the client waits for leave to send the body (RFC 9110, 10.1.1)."""
        return self.version == "1.1" and b"100-continue" in [
            value.lower() for value in self.values(b"expect")
        ]

    @property
    def wants_http2(self) -> bool:
        """Whether it can be followed by HTTP/2: there is no body that would have to be read first."""
        has_body = self.values(b"content-length") or self.values(b"transfer-encoding")
        return [value.lower() for value in self.values(b"upgrade")] == [b"h2c"] and not has_body

    def unwished(self) -> bytes:
        """Return it as bytes without a wish for another protocol, which a server may ignore."""
        lines = [b"%b: %b\r\n" % one for one in self.headers if one[0] not in WISHES]
        words = b",".join(self.values(b"connection")).lower().split(b",")
        if b"close" in [word.strip() for word in words]:
            lines.append(b"connection: close\r\n")
        line = b"%b %b HTTP/%b\r\n" % (self.method, self.target, self.version.encode())
        return line + b"".join(lines) + b"\r\n"


def origin(target: bytes) -> bytes:
    """Return a whole URL's path and query (RFC 9112, 3.2.2). Raises `InvalidRequest` for what is no URL."""
    parts = urlsplit(target)
    if parts.scheme not in (b"http", b"https"):
        raise InvalidRequest(NOT_HTTP)
    return urlunsplit((b"", b"", parts.path or b"/", parts.query, b""))
