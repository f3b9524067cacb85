"""Brings the catalogues up to date: `python -m mnist_core.language.update`.

All messages are extracted from the code. Each catalogue gets the new ones, without a translation, and loses
those that are no longer used. A message that was changed is a new one: its translation is never guessed. What
is missing is listed.
"""

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

from mnist_core.language.catalogues import FOLDER, compiled, source

ROOT = Path(__file__).parents[2]
SOURCES = ("app.py", "mnist_core/**/*.py", "pages/**/*.py")
KEYWORDS = {"_": None, "N_": None, "message": None, "ngettext": (1, 2), "message_n": (1, 2)}


def extracted() -> Catalog:
    """All messages of the code, with the files in which they stand."""
    found = Catalog(project="MNIST Studio", charset="utf-8")
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        for _, text, comments, _ in extract_from_file("python", path, KEYWORDS, ("Translators:",)):
            found.add(text, locations=[(path.relative_to(ROOT).as_posix(), None)], auto_comments=comments)
    return found


def main() -> None:
    """Update and compile every catalogue."""
    for path in sorted(FOLDER.glob("*.po")):
        translated = source(path)
        created = translated.creation_date
        translated.update(extracted(), no_fuzzy_matching=True)
        translated.creation_date = created  # otherwise the file would differ each time
        translated.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, translated, width=112, sort_output=True, include_lineno=False)
        path.with_suffix(".mo").write_bytes(compiled(path))
        missing = [message.id for message in translated if message.id and not is_translated(message.string)]
        print(f"{path.name}: {len(translated)} messages, {len(missing)} without a translation")
        for text in missing:
            print(f"  {text}")


def is_translated(string: str | tuple[str, ...]) -> bool:
    """Whether a translation is there, in each of its plural forms."""
    return all(string) if isinstance(string, tuple) else bool(string)


if __name__ == "__main__":
    main()
