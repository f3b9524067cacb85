"""Words in Markdown."""


def plain(text: str) -> str:
    """Text from outside, such as a file's name, escaped for Markdown."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+!|<>$:~" else c for c in text)
