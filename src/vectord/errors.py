"""Every failure that a client or an operator can see.

VectordError
├── RequestError            an HTTP client sees it; the class is the status and the code
│   ├── InvalidRequest      400
│   │   └── TooLong         400, an input over the limit that may not be truncated
│   │   └── WrongTask       400, the model cannot do what was asked
│   │   └── TooManyInputs   400, more inputs than max_client_batch_size
│   ├── Unauthorized        401
│   ├── UnknownModel        404
│   ├── UnknownRoute        404
│   ├── WrongMethod         405
│   ├── SlowRequest         408
│   ├── PayloadTooLarge     413
│   ├── WrongContentType    415
│   │   └── UnknownCoding   415, compressed in a way that is not known
│   ├── HeadersTooLarge     431
│   ├── Overloaded          429, carries seconds to wait
│   ├── BackendFailed       500
│   ├── Unavailable         503
│   └── DeadlinePassed      504
└── StartError              stops the start with one line
    ├── CheckpointError     what is wrong with a checkpoint and what to do
    ├── SettingError        a flag, variable or file value that makes no sense
    └── PluginError         a plugin that cannot be loaded
"""

from http import HTTPStatus
from typing import Literal

# Why a request was refused, as the metrics call it. What fails on the server's side has no reason.
Reason = Literal[
    "too_many_requests",
    "too_many_waiting",
    "deadline",
    "unavailable",
    "payload",
    "slow",
    "too_many_inputs",
    "too_many_tokens",
    "too_long",
    "invalid",
    "wrong_task",
    "content_type",
    "unauthorized",
    "unknown_model",
    "unknown_route",
    "wrong_method",
]


class VectordError(Exception):
    """The root; its text is safe to show and holds no user text and no key."""


class RequestError(VectordError):
    """A failure of one request. `param` names the field at fault; `reason`: why it was refused, if it was."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    kind = "server_error"
    code: str | None = None
    reason: Reason | None = None

    def __init__(self, message: str, *, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class InvalidRequest(RequestError):
    """The request makes no sense as it stands; repeating it will not help."""

    status = HTTPStatus.BAD_REQUEST
    kind = "invalid_request_error"
    reason: Reason | None = "invalid"


class EmptyInput(InvalidRequest):
    """There is nothing to work on."""


class TooLong(InvalidRequest):
    """An input exceeds the model's limit and truncation is off."""

    code = "context_length_exceeded"
    reason = "too_long"


class TooManyInputs(InvalidRequest):
    """More inputs in one request than the server takes."""

    reason = "too_many_inputs"


class TooManyTokens(InvalidRequest):
    """More tokens in one request than the server takes."""

    code = "max_tokens_per_request"
    reason = "too_many_tokens"


class WrongTask(InvalidRequest):
    """The model cannot do what was asked; the message says what it can do."""

    code = "model_cannot_do_task"
    reason = "wrong_task"


class Unauthorized(RequestError):
    """No key or a wrong one."""

    status = HTTPStatus.UNAUTHORIZED
    kind = "invalid_request_error"
    code = "invalid_api_key"
    reason = "unauthorized"


class UnknownModel(RequestError):
    """No model of that name is served."""

    status = HTTPStatus.NOT_FOUND
    kind = "invalid_request_error"
    code = "model_not_found"
    reason = "unknown_model"


class UnknownRoute(RequestError):
    """No such path."""

    status = HTTPStatus.NOT_FOUND
    kind = "invalid_request_error"
    code = "unknown_url"
    reason = "unknown_route"


class WrongMethod(RequestError):
    """The path exists, the method does not."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    kind = "invalid_request_error"
    code = "method_not_allowed"
    reason = "wrong_method"


class SlowRequest(RequestError):
    """The body did not arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    kind = "invalid_request_error"
    code = "request_timeout"
    reason = "slow"


class PayloadTooLarge(RequestError):
    """The body exceeds `payload_limit`."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    kind = "invalid_request_error"
    code = "payload_too_large"
    reason = "payload"


class WrongContentType(RequestError):
    """The body is declared as something that is not JSON."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    kind = "invalid_request_error"
    code = "unsupported_media_type"
    reason: Reason | None = "content_type"


class UnknownCoding(WrongContentType):
    """The body is compressed in a way that the server does not know."""


class UnknownTransferCoding(InvalidRequest):
    """The body's length is told in a way that the server does not know."""

    status = HTTPStatus.NOT_IMPLEMENTED


class HeadersTooLarge(RequestError):
    """The headers exceed 16 KiB."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    kind = "invalid_request_error"
    code = "headers_too_large"


class Overloaded(RequestError):
    """The server has all the work that it can take; `retry_after` is in seconds."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    kind = "rate_limit_error"
    code = "overloaded"

    def __init__(
        self, message: str, *, retry_after: float = 1.0, reason: Reason = "too_many_waiting"
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.reason = reason


class BackendFailed(RequestError):
    """The model failed on this input; the log has the cause."""

    code = "backend_failed"


class DeadlinePassed(RequestError):
    """The time that the request itself gave was up."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    code = "deadline_exceeded"
    reason = "deadline"


class Unavailable(RequestError):
    """The server cannot answer now and may be able to soon."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    reason = "unavailable"


class StartError(VectordError):
    """The server cannot start; the text is one line that says what to do."""


class CheckpointError(StartError):
    """A checkpoint that is missing, damaged or of a kind that cannot be served."""


class SettingError(StartError):
    """A setting that makes no sense."""


class PluginError(StartError):
    """A plugin that failed to load or offers a hook that does not exist."""
