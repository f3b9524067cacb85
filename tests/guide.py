"""The guide docs/deploy.md, whose examples and commands the tests run as they are written."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs" / "deploy.md"


def examples(language: str, heading: str = "") -> list[str]:
    """The guide's examples in a language: "nginx", "ini", "yaml" or "sh"; if given, those below a heading."""
    part = GUIDE.read_text("utf-8")
    if heading:
        part = re.split(r"^## ", part.split(f"## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", part, re.DOTALL | re.MULTILINE)


def commands(heading: str, number: int = 0) -> list[str]:
    """The shell commands of an example below a heading of the guide, without `sudo`."""
    return examples("sh", heading)[number].replace("sudo ", "").splitlines()
