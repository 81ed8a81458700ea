"""One start, as a process: loads a model as a user's program would, and says what that took."""

import json
import sys
import time
from pathlib import Path
from typing import cast

import vectord
from vectord.config import DtypeChoice


def peak_bytes() -> int:
    """Return the most memory that was ever resident. `getrusage` would count the parent's as well."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def main() -> None:
    """Load the model and print the figures."""
    path, backend, dtype, cache = sys.argv[1:5]
    engine = vectord.open_engine(path, backend=backend, dtype=cast(DtypeChoice, dtype), cache_dir=Path(cache))
    # the CPU's clock as well: on a busy machine the wall's tells of others
    print(json.dumps({"cpu_seconds": time.process_time(), "peak_bytes": peak_bytes()}), flush=True)
    engine.close()


if __name__ == "__main__":
    main()
