"""Which precision this machine can train in."""

from functools import cache
from pathlib import Path

_WITH_BFLOAT16 = {"avx512_bf16", "amx_bf16"}


def precision(wanted: str) -> str:
    """The precision to compute in: "bfloat16" only if it is `wanted` and the processor supports it.

    With that support convolutions are about twice as fast as in float32; without it TensorFlow emulates
    bfloat16, which is twenty times slower.
    """
    return wanted if wanted != "bfloat16" or _processor_features() & _WITH_BFLOAT16 else "float32"


@cache
def _processor_features() -> set[str]:
    """The processor's features according to Linux; empty elsewhere, where float32 is a safe choice."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return set()
    return {word for line in lines if line.startswith("flags") for word in line.split()}
