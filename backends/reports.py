"""What runtimes would report about a machine and its models, switched off before they are imported."""

import os
import sys


def silence() -> None:
    """Keep ONNX Runtime and OpenVINO from reporting; call it before either is imported.

    Official builds of ONNX Runtime report models and machine to Microsoft, from a thread of their own; the
    variable is read at the first import. OpenVINO's import reports itself to Google Analytics, unless its
    package for that cannot be imported.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
