"""What this machine can do, as far as that decides how a recipe is trained."""

from functools import cache
from pathlib import Path

_WITH_BFLOAT16 = {"avx512_bf16", "amx_bf16"}


def precision(wanted: str) -> str:
    """The precision to compute in: "bfloat16" only where it is wanted and the processor has it.

    Where it has, convolutions are about twice as fast as in float32; where TensorFlow must
    imitate it, they are twenty times slower.
    """
    return wanted if wanted != "bfloat16" or _processor_features() & _WITH_BFLOAT16 else "float32"


@cache
def _processor_features() -> set[str]:
    """What Linux lists for the processor; nothing elsewhere, where float32 is a safe choice."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return set()
    return {word for line in lines if line.startswith("flags") for word in line.split()}
