"""Every setting, once: flag, variable, default, help and docs table follow from these lines."""

from collections.abc import Mapping
from configparser import ConfigParser
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from .bounds import LEAST, misfit
from .core import Pooling, Task
from .errors import SettingError

PREFIX = "VECTORD_"
BackendName = str
DtypeChoice = Literal["auto", "float32", "bfloat16", "float16", "int8"]
Replicas = int | Literal["auto"]
Wish = Literal["auto", "on", "off"]
Compress = Literal["none", "gzip", "zstd"]
LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


def setting(default: Any, help: str, *, group: str, secret: bool = False, per_model: bool = False) -> Any:
    """Declare one setting; a `per_model` one may also stand in a model's own table of the file."""
    return field(
        default=default,
        metadata={"help": help, "group": group, "secret": secret, "per_model": per_model},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTable:
    """One [[model]] of the file: where the model is, and the settings that hold for it alone."""

    path: str
    name: str | None = None
    revision: str | None = None
    prompts: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a process was told. Names are TEI's where the meaning is equal."""

    models: tuple[str, ...] = setting(
        (),
        "Models to serve: directory, hub id (ID@REVISION pins it) or NAME=DIR_OR_ID; default: "
        "all-MiniLM-L6-v2; several: separate by spaces.",
        group="model",
    )
    config: Path | None = setting(
        None, "TOML file with these settings by name, and a [[model]] table for each model.", group="model"
    )
    backend: str = setting(
        "auto", "Backend: auto, onnx, openvino, torch or a plugin's.", group="model", per_model=True
    )
    dtype: DtypeChoice = setting(
        "auto",
        "Precision; auto takes the hardware's best that keeps the vectors right.",
        group="model",
        per_model=True,
    )
    task: Task | None = setting(
        None,
        "What models are for, where their files do not say or can do more.",
        group="model",
        per_model=True,
    )
    threads: int | None = setting(
        None, "Cores to use; default: all that the container grants.", group="model"
    )
    replicas: Replicas = setting(
        "auto",
        "Sessions of a model, which share its threads; auto: one on CPUs, one on each like CUDA device.",
        group="model",
        per_model=True,
    )
    wide: Wish = setting(
        "auto",
        "One more session on all cores, for texts that come alone; auto: where weights take little memory.",
        group="model",
        per_model=True,
    )
    devices: str = setting(
        "auto", "CUDA devices by index, as 0,2; auto: those like the best.", group="model", per_model=True
    )
    pooling: Pooling | None = setting(
        None, "Pooling for checkpoints that do not name theirs.", group="model", per_model=True
    )
    cache_dir: Path | None = setting(
        None,
        "Directory for emitted graphs and quantised weights; default: vectord in XDG_CACHE_HOME or ~/.cache.",
        group="model",
    )
    cache_bytes: int = setting(
        4_000_000_000,
        "Most that the cache may hold; what was used longest ago goes first; 0: no cache.",
        group="model",
    )
    default_prompt_name: str | None = setting(
        None, "Prompt to put before inputs when the request names none.", group="model", per_model=True
    )
    token_ids: str = setting(
        "model",
        "Whose token ids clients send: model, tiktoken:ENCODING (decoded to text first: LangChain's default "
        "sends cl100k_base), or reject.",
        group="model",
        per_model=True,
    )
    max_batch_tokens: int | None = setting(
        None,
        "Most padded tokens in a batch; default: by what batches cost, within what suits the backend.",
        group="limits",
        per_model=True,
    )
    max_concurrent_requests: int = setting(512, "Requests in work at once; more get 429.", group="limits")
    max_client_batch_size: int = setting(2048, "Most inputs in one request.", group="limits")
    max_request_tokens: int = setting(
        300_000, "Most tokens of all inputs of one request for vectors, after truncation.", group="limits"
    )
    max_waiting_tokens: int = setting(
        500_000, "Tokens that may wait for one model; an idle model takes any request.", group="limits"
    )
    hang_seconds: float = setting(
        60.0,
        "Longest that a batch may run before its session is given up and a fresh one loaded; a batch that "
        "is known to be slow gets more.",
        group="limits",
    )
    payload_limit: int = setting(8_000_000, "Largest request body, in bytes.", group="limits")
    read_seconds: float = setting(30.0, "Time for a client to send a whole request.", group="limits")
    cache_mb: int = setting(
        0,
        "Megabytes of answers to keep for inputs that come again, of all models together; 0: none.",
        group="limits",
    )
    auto_truncate: bool = setting(
        True, "Cut inputs over the model's limit and say so; off: refuse them with 400.", group="limits"
    )
    host: str = setting("127.0.0.1", "Address to listen on.", group="server")
    port: int = setting(8080, "Port to listen on.", group="server")
    metrics_port: int | None = setting(
        None, "Port for GET /metrics alone, which the other port then has no more.", group="server"
    )
    api_key: str | None = setting(
        None, "Key that clients must send; several: separate by commas.", group="server", secret=True
    )
    api_key_file: Path | None = setting(
        None, "File with one key a line, in place of or beside --api-key.", group="server"
    )
    cors_allow_origin: tuple[str, ...] = setting(
        (), "Origins that browsers may call from; * for any; several: separate by commas.", group="server"
    )
    compress: Compress = setting(
        "none",
        "Compress answers above 64 KB for clients that accept the coding; costs CPU time, see docs/http.md.",
        group="server",
    )
    drain_seconds: float = setting(
        30.0, "After SIGTERM, longest wait for requests in flight.", group="server"
    )
    otlp_endpoint: str | None = setting(
        None,
        "OpenTelemetry collector that traces go to, as http://localhost:4318; needs vectord[otel]; see "
        "docs/observability.md.",
        group="server",
    )
    strict_plugins: bool = setting(False, "Refuse to start when a plugin fails to load.", group="server")
    log_format: LogFormat = setting("text", "Log lines as text or JSON.", group="server")
    log_level: LogLevel = setting("info", "Least severe level that is logged.", group="server")
    model_tables: tuple[ModelTable, ...] = setting((), "The [[model]] tables of the file.", group="file")

    def __post_init__(self) -> None:
        for name in LEAST:
            value = getattr(self, name)
            wrong = misfit(name, value) if value not in (None, "auto") else None
            if wrong is not None:
                raise SettingError(f"{flag(name)} must be {wrong}, not {value}")
        if self.metrics_port and self.metrics_port == self.port:
            raise SettingError(
                f"--metrics-port {self.port} is the --port too: choose another, or leave it out"
            )

    def keys(self) -> tuple[str, ...]:
        """Return the API keys in force; none: no key is asked for."""
        keys = [key.strip() for key in (self.api_key or "").split(",")]
        if self.api_key_file is not None:
            try:
                keys += [line.strip() for line in self.api_key_file.read_text().splitlines()]
            except (OSError, UnicodeDecodeError) as error:
                raise SettingError(f"--api-key-file {self.api_key_file}: {error}") from error
            if not any(keys):
                raise SettingError(f"--api-key-file {self.api_key_file} holds no key")
        if self.api_key is not None and not any(keys):
            raise SettingError(
                f"--api-key holds no key: leave it and {variable('api_key')} out to let anyone in"
            )
        return tuple(key for key in keys if key)


def declared() -> tuple[Field[Any], ...]:
    """Return every setting that is a flag and a variable."""
    return tuple(item for item in fields(Settings) if item.metadata["group"] != "file")


def stated(given: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings that parsed flags and variables state, flags first. Raises `SettingError`."""
    values = {
        item.name: parse(item, environ[variable(item.name)], variable(item.name))
        for item in declared()
        if environ.get(variable(item.name))
    }
    # no model on the command line leaves the variable or the file in force
    return {**values, **{name: value for name, value in given.items() if name != "models" or value}}


def flag(name: str) -> str:
    """Return the command-line spelling of a setting."""
    return "MODEL" if name == "models" else "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return PREFIX + name.upper()


def default_of(item: Field[Any]) -> Any:
    """Return a setting's default."""
    return None if item.default is MISSING else item.default


def choices_of(item: Field[Any]) -> tuple[str, ...] | None:
    """Return the words that a setting takes, if it takes only some."""
    return None if kinds_of(item) else words_of(item)


def words_of(item: Field[Any]) -> tuple[str, ...]:
    """Return the words that a setting takes as they are."""
    parts = (item.type, *get_args(item.type))
    return tuple(word for part in parts if get_origin(part) is Literal for word in get_args(part))


def kinds_of(item: Field[Any]) -> tuple[Any, ...]:
    """Return the types of the values that a setting takes beside words."""
    several = get_origin(item.type) in (Union, UnionType)
    parts = get_args(item.type) if several else (item.type,)
    return tuple(part for part in parts if part is not NoneType and get_origin(part) is not Literal)


def parse(item: Field[Any], text: str, where: str) -> Any:
    """Turn the text of a flag or variable into the setting's type. Raises `SettingError`."""
    kinds, choices, words = kinds_of(item), choices_of(item), words_of(item)
    if choices is not None:
        if text not in choices:
            raise SettingError(f"{where} must be one of {', '.join(choices)}, not {text!r}")
        return text
    if get_origin(item.type) is tuple:
        return tuple(text.split() if item.name == "models" else [part.strip() for part in text.split(",")])
    if text in words:
        return text
    if bool in kinds:
        return parse_bool(text, where)
    try:
        return kinds[0](text)
    except ValueError:
        noun = " or ".join((NOUNS.get(kinds[0], "value"), *words))
        raise SettingError(f"{where} must be a {noun}, not {text!r}") from None


NOUNS = {int: "whole number", float: "number"}
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def parse_bool(text: str, where: str) -> bool:
    """Turn a variable's text into a truth value. Raises `SettingError`."""
    if text.lower() not in ConfigParser.BOOLEAN_STATES:
        raise SettingError(f"{where} must be true or false, not {text!r}")
    return ConfigParser.BOOLEAN_STATES[text.lower()]
