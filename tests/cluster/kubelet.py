"""Starts pods: each has an address of its own, on this machine's loopback network."""

import os
import socket
from itertools import count
from pathlib import Path

from .pod import Pod
from .store import Object, Store
from .variables import Downward


class Kubelet:
    """Runs pods as processes; all of 127.0.0.0/8 is this machine, so all pods can have the same ports."""

    def __init__(self, folder: Path, store: Store, namespace: str) -> None:
        self._folder, self._store, self._namespace = folder, store, namespace
        self._network = f"127.{64 + os.getpid() // 256 % 128}.{os.getpid() % 256}"  # beside other runs
        self._hosts = count(2)

    def address(self) -> str:
        """Return an address that nobody had before."""
        return f"{self._network}.{next(self._hosts)}"

    def run(self, template: Object, name: str) -> Pod:
        """Start a pod."""
        me = Downward(name, self._namespace, self.address())
        return Pod(template, me, self._folder / name, self._store)


def free_ports(number: int) -> list[int]:
    """Return ports at which nobody listens on any address."""
    held = [socket.create_server(("0.0.0.0", 0)) for _ in range(number)]
    ports: list[int] = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports
