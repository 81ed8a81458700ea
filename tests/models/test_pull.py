"""`vectord pull` against a hub on this machine, as processes: what comes, what goes on, what is refused."""

import os
import pty
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from safetensors.numpy import load_file, save_file

from tests.server import serving as serving_models
from tests.shared import Checkpoints
from vectord.models.digest import check_digests

from .client import Client
from .hub import COMMITS, REPOSITORY, TOKEN, Hub, serving

WEIGHTS = "model.safetensors"
PADDING = 35_000_000  # bytes of a comment that make the weights a large file


@pytest.fixture
def hub(checkpoint: Checkpoints, tmp_path: Path) -> Iterator[Hub]:
    """A repository whose main has large weights, and whose v1 is another model."""
    main = checkpoint.copy("bert", tmp_path / "main")
    save_file(load_file(main / WEIGHTS), main / WEIGHTS, {"comment": "x" * PADDING})
    (main / "pytorch_model.bin").write_bytes(b"a pickle")
    (main / "modeling_tiny.py").write_text("raise SystemExit('executed')")
    v1 = checkpoint.copy("bert", tmp_path / "v1", shape="odd")
    with serving(Hub({COMMITS["main"]: main, COMMITS["v1"]: v1})) as hub:
        yield hub


@pytest.fixture
def client(hub: Hub, tmp_path: Path) -> Client:
    return Client(tmp_path / "home", hub.url)


def blobs(client: Client) -> Path:
    return client.home / "hf/hub" / f"models--{REPOSITORY.replace('/', '--')}" / "blobs"


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the one line that a failure is told in."""
    assert done.returncode == 1
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("vectord: ")
    return line


def test_what_was_pulled_is_served_without_the_hub(client: Client, hub: Hub) -> None:
    done = client.pull(f"tiny={REPOSITORY}@v1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{REPOSITORY}@{COMMITS['v1']}: ")
    assert done.stderr == ""
    hub.asked.clear()
    offline = {"HF_HOME": str(client.home / "hf"), "HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "1"}
    with serving_models(f"tiny={REPOSITORY}@v1", env=offline) as server:
        answer = httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"}).json()
        [model] = httpx.get(f"{server.url}/v1/models").json()["data"]
    assert len(answer["data"][0]["embedding"]) == model["vectord"]["dimensions"]
    assert model["vectord"]["revision"] == COMMITS["v1"]
    assert hub.asked == []


def test_a_whole_copy_is_checked_and_not_fetched_again(client: Client, hub: Hub) -> None:
    first = client.pull(REPOSITORY)
    assert not [name for name in hub.asked if name.endswith((".bin", ".py"))]
    hub.asked.clear()
    second = client.pull(REPOSITORY, HF_HUB_OFFLINE="1")
    assert (first.returncode, second.returncode, hub.asked) == (0, 0, [])
    assert second.stdout.split(",")[0] == first.stdout.split(",")[0]


def test_an_update_follows_a_branch_that_moved(client: Client, hub: Hub, tmp_path: Path) -> None:
    client.pull(REPOSITORY)
    moved = "c" * 40
    hub.files = {**hub.files, moved: hub.files[COMMITS["v1"]]}
    hub.moved["main"] = moved
    assert COMMITS["main"] in client.pull(REPOSITORY).stdout
    assert moved in client.pull(REPOSITORY, "--update").stdout
    assert moved in client.resolve(REPOSITORY, HF_HUB_OFFLINE="1")


def test_a_lost_connection_goes_on_where_it_broke(client: Client, hub: Hub) -> None:
    hub.cut[WEIGHTS] = [15_000_000]
    done = client.pull(REPOSITORY)
    assert done.returncode == 0, done.stderr
    [first] = hub.ranges
    assert first.startswith(f"{WEIGHTS} ")
    assert 0 < int(first.split()[1]) <= 15_000_000


def test_a_process_that_was_killed_is_followed_by_one_that_goes_on(client: Client, hub: Hub) -> None:
    hub.pace[WEIGHTS] = 10_000_000
    command = [sys.executable, "-m", "vectord", "pull", REPOSITORY]
    with subprocess.Popen(command, env=client.environ(), stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 30
        while not has_part(client) and time.monotonic() < until:
            time.sleep(0.05)
        process.kill()
    [part] = blobs(client).glob("*.part")
    have = part.stat().st_size
    assert have
    assert "HF_HUB_OFFLINE is set" in client.pull(REPOSITORY, HF_HUB_OFFLINE="1").stderr
    hub.pace.clear()
    done = client.pull(REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert hub.ranges == [f"{WEIGHTS} {have}"]
    assert not [*blobs(client).glob("*.part")]


def has_part(client: Client) -> bool:
    return any(part.stat().st_size for part in blobs(client).glob("*.part"))


def test_what_differs_from_its_digest_is_refused_and_fetched_anew(client: Client, hub: Hub) -> None:
    hub.altered.update({WEIGHTS, "tokenizer.json"})
    line = one_line(client.pull(REPOSITORY))
    assert line == (
        f"vectord: {REPOSITORY}: {WEIGHTS}, tokenizer.json: not the content whose digest the hub gave; "
        "removed: pull again"
    )
    hub.altered.clear()
    done = client.pull(REPOSITORY)
    assert done.returncode == 0, done.stderr


def test_a_copy_that_spoiled_on_the_disk_is_fetched_anew(client: Client, hub: Hub) -> None:
    client.pull(REPOSITORY)
    [snapshot] = blobs(client).parent.glob("snapshots/*")
    (snapshot / WEIGHTS).resolve().write_bytes(b"spoiled")
    assert WEIGHTS in one_line(client.pull(REPOSITORY))
    assert client.pull(REPOSITORY).returncode == 0
    assert len(check_digests(snapshot)) > 5


def test_models_that_can_be_had_come_beside_one_that_cannot(client: Client) -> None:
    done = client.pull("someone/else", f"{REPOSITORY}@v1", REPOSITORY, f"{REPOSITORY}@v9")
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        f"{REPOSITORY}@{COMMITS[name]}" for name in ("v1", "main")
    ]
    unknown, revision = done.stderr.splitlines()
    assert unknown.startswith("vectord: cannot get someone/else from the hub: it is not there or is private")
    assert revision.startswith(f"vectord: cannot get {REPOSITORY}@v9 from the hub: it has no such revision")


def test_a_private_model_needs_the_token(client: Client, hub: Hub) -> None:
    hub.private = True
    assert "set HF_TOKEN" in one_line(client.pull(REPOSITORY))
    assert client.pull(REPOSITORY, HF_TOKEN=TOKEN).returncode == 0


def test_a_disk_without_room_is_told_before_anything_large_comes(client: Client, hub: Hub) -> None:
    hub.claimed[WEIGHTS] = 10**16
    line = one_line(client.pull(REPOSITORY))
    assert "10,000,000,000 MB are needed in " in line
    assert "set HF_HOME" in line
    assert f"GET /{REPOSITORY}/resolve/{COMMITS['main']}/{WEIGHTS}" not in hub.asked


def test_a_hub_that_stays_silent_ends_in_one_line(client: Client, hub: Hub) -> None:
    url, hub.url = hub.url, "http://127.0.0.1:9"
    assert "HF_ENDPOINT" in one_line(Client(client.home, hub.url).pull(REPOSITORY))
    hub.url = url


def test_the_environment_alone_names_what_to_pull(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "vectord.toml"
    file.write_text(f'[[model]]\npath = "{REPOSITORY}"\nrevision = "v1"\n')
    assert COMMITS["v1"] in client.pull(VECTORD_CONFIG=str(file)).stdout
    assert COMMITS["main"] in client.pull(VECTORD_MODELS=f"tiny={REPOSITORY}").stdout


def test_a_directory_is_left_as_it_is(client: Client, hub: Hub, checkpoint: Checkpoints) -> None:
    done = client.pull(str(checkpoint("bert")))
    assert done.returncode == 0
    assert "nothing to pull" in done.stdout
    assert hub.asked == []


def test_bars_are_for_people(client: Client, hub: Hub) -> None:
    """A terminal shows how far a large file has come."""
    main, side = pty.openpty()
    termios.tcsetwinsize(side, (24, 120))
    environ = client.environ()
    environ.pop("HF_HUB_DISABLE_PROGRESS_BARS")
    with subprocess.Popen(
        [sys.executable, "-m", "vectord", "pull", REPOSITORY],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=side,
    ) as process:
        os.close(side)
        shown = b""
        while part := read(main):
            shown += part
        assert process.wait(30) == 0
    os.close(main)
    assert WEIGHTS.encode() in shown
    assert b"100%" in shown


def read(terminal: int) -> bytes:
    """Return what a terminal shows next, nothing at its end."""
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux' word for the other side's end
        return b""
