"""Where the server listens: taken before models load, served after."""

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from vectord.errors import StartError

FLAGS, METRICS_FLAGS = "--host, --port", "--host, --metrics-port"


def bind(host: str, port: int, flags: str = FLAGS) -> socket.socket:
    """Return a socket that has the address, which `flags` name, and does not listen yet.

    Raises `StartError`.
    """
    with address_errors(host, port, flags):
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with ExitStack() as stack:
            sock = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            if sys.platform != "win32":  # there it would let two servers have one address
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                both = host in ("", "::") and socket.has_dualstack_ipv6()
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not both)
            sock.bind(address[:2])
            stack.pop_all()  # it stays open
    sock.setblocking(False)
    return sock


@contextmanager
def address_errors(host: str, port: int, flags: str = FLAGS) -> Iterator[None]:
    """Make `StartError` of the system's refusals."""
    try:
        yield
    except (OSError, UnicodeError) as error:  # of names that DNS cannot have
        why = getattr(error, "strerror", None) or str(error)
        raise StartError(f"cannot listen on {host}:{port}: {why}; choose others with {flags}") from error


def url(sock: socket.socket) -> str:
    """Return where clients find the server."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
