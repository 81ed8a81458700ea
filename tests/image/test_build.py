"""The CPU image built from the real Dockerfile, and run. The base is made of Debian here."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.hub import COMMITS, REPOSITORY, TOKEN, Hub
from tests.models.hub import serving as serving_hub
from tests.server import DEFAULT_MODEL, LISTENING

from .base import BASE, LACKING, refused
from .dockerfile import ROOT
from .rootfs import Image, Storage

MOST_BYTES = 900_000_000  # of all files, the base included
# what this machine tells pip, so that packages can be had in the build too
MACHINE = [
    f"--volume={place}:{place}:ro" for place in ("/etc/ssl/certs", "/etc/pip.conf") if Path(place).exists()
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(bool(LACKING), reason=f"no {' and no '.join(LACKING)}"),
    pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed"),
]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    folder = tmp_path_factory.mktemp("image")
    storage = Storage.at(folder)
    if why := refused(storage, MACHINE):
        pytest.skip(why)
    assert DEFAULT_MODEL is not None
    with serving_hub(Hub({COMMITS["main"]: DEFAULT_MODEL}, private=True)) as hub:
        (folder / "token").write_text(TOKEN)
        options = [
            "--pull-never", "--format=docker", "--target=cpu", f"--build-arg=PYTHON_IMAGE={BASE}",
            f"--build-arg=MODELS={REPOSITORY}@{COMMITS['main']}", f"--build-arg=HF_ENDPOINT={hub.url}",
            f"--secret=id=hf_token,src={folder}/token",
        ]  # fmt: skip
        storage.buildah("bud", *options, *MACHINE, "-t", "localhost/vectord", str(ROOT))
    yield Image.of(storage, "localhost/vectord")
    storage.buildah("rm", "--all")
    storage.buildah("rmi", "--all", "--force")


def run(image: Image, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = image.command(None, *arguments, **variables)
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_it_is_the_user_that_it_should_be_and_small(image: Image) -> None:
    assert run(image, "id", "-u").stdout == "10001\n"
    assert run(image, "sh", "-c", "touch $HOME/x || touch /opt/x").returncode != 0
    assert run(image, "sh", "-c", "touch /cache/x /tmp/x").returncode == 0
    assert run(image, "python", "-c", "import torch").returncode != 0
    packages, models, whole = (image.bytes(place) for place in ("opt/vectord", "models", ""))
    told = {"base": whole - packages - models, "vectord and packages": packages, "model": models}
    print("\nimage:", ", ".join(f"{what} {size / 1e6:.0f} MB" for what, size in told.items()))
    assert whole < MOST_BYTES


def test_what_is_told_of_it_is_in_it(image: Image) -> None:
    assert image.config["Labels"]["org.opencontainers.image.title"] == "vectord"
    assert image.config["Healthcheck"]["Test"][1:3] == ["vectord", "check"]
    assert image.config["Entrypoint"] == ["vectord"]


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_it_serves_models_of_a_volume_and_passes_its_own_check(image: Image, backend: str) -> None:
    told = {"VECTORD_MODELS": "mini=/models", "VECTORD_BACKEND": backend}
    assert checked(image, DEFAULT_MODEL, **told) == ["ready", "mini embed", "mini rerank"]


def test_it_serves_what_was_baked_in_and_holds_no_token(image: Image) -> None:
    name = f"{REPOSITORY}@{COMMITS['main']}"
    assert f"VECTORD_MODELS={name}" in image.config["Env"]
    found = checked(image, None, HF_HUB_OFFLINE="1")
    assert found == ["ready", f"{REPOSITORY} embed", f"{REPOSITORY} rerank"]
    assert TOKEN not in image.told
    assert subprocess.run(["grep", "-rqF", TOKEN, image.path]).returncode == 1


def checked(image: Image, models: Path | None, **variables: str) -> list[str]:
    """Start the image as it starts itself, check it from within, and return the names of what passed."""
    start = [*image.config["Entrypoint"], *image.config["Cmd"]]
    command = image.command(models, *start, **{"VECTORD_PORT": "0", **variables})
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            done = run(image, "vectord", "check", VECTORD_PORT=port_of(process))
        finally:
            process.terminate()
    assert done.returncode == process.returncode == 0, done.stdout + done.stderr
    return [line.removeprefix("ok    ").split(":")[0] for line in done.stdout.splitlines()]


def port_of(process: "subprocess.Popen[str]") -> str:
    """Return where a server listens, once it does."""
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if match := LISTENING.search(line):
            return match[2]
    raise AssertionError(lines)
