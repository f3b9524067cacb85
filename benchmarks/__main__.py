"""Measure all figures on one machine and write them to docs/figures.md.

    python -m benchmarks [SECTION ...] [--quick] [--pen FOLDER] [--pictures FOLDER]

Runs the programs of this folder one after another and writes what they print, with the command, the machine
and the date. `--quick` does fewer rounds and skips slow sections. Sections that need the pen digits or the
pictures are skipped without their folder. With SECTIONS only these are measured again, and the file keeps the
others.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures.md"


@dataclass(frozen=True)
class Section:
    """A program's Python arguments, those for --quick (None: skipped), and a sentence about its figures.

    PEN and PICTURES stand for the folders.
    """

    name: str
    shows: str
    full: str
    quick: str | None

    def command(self, is_quick: bool, folders: dict[str, Path | None]) -> list[str] | None:
        """The command's arguments; None if the section is skipped."""
        words = ((self.quick if is_quick else self.full) or "").split()
        if not words or any(word in folders and folders[word] is None for word in words):
            return None
        return [str(folders.get(word, word)) for word in words]


def _section(program: str, shows: str, full: str = "", quick: str | None = None) -> Section:
    command = f"benchmarks/{program}.py"
    return Section(program, shows, f"{command} {full}", quick and f"{command} {quick}")


_STARTER = "-m mnist_core evaluate"
_PICTURES = "benchmarks/pictures.py PICTURES"
_MUTATIONS = "-m tests.unit.exchange.mutations --number "
SECTIONS = (
    Section("evaluate", "The starter on MNIST's test set.", _STARTER, _STARTER),
    _section(
        "pen",
        "The starter on digits by writers who are in no training set, drawn on the canvas.",
        "PEN --held-out",
        "PEN --held-out",
    ),
    _section(
        "no_digit",
        "How often a digit is rejected, and how often something else is read as a digit.",
        "--pen PEN",
        "--pen PEN",
    ),
    Section("pictures", "The starter on pictures of other people's digits.", _PICTURES, _PICTURES),
    _section("draw_latency", "From the end of a stroke to the answer.", quick="--strokes 20 --starts 2"),
    _section(
        "network",
        "From a click on a value of the network to its numbers, and strokes with the network closed and open.",
        quick="--clicks 20 --strokes 10 --rounds 2",
    ),
    _section("gallery", "The Gallery and Data pages in the browser.", quick="--rounds 3"),
    _section("map", "The map of the test set.", "--rounds 2", "--rounds 1"),
    _section(
        "classroom",
        "A class at one server: strokes, five trainings and five galleries at once.",
        "--sessions 200 --minutes 10",
        "--sessions 50 --minutes 1 --runs 1",
    ),
    Section(
        "classroom_seldom",
        "A class that draws more seldom, so that each digit is answered and then, at the pause, by the page.",
        "benchmarks/classroom.py --sessions 200 --minutes 1.5 --every 9 --runs 1",
        None,
    ),
    Section(
        "classroom_nginx",
        "The same behind nginx, with two servers on one home.",
        "benchmarks/classroom.py --servers 2 --sessions 400 --minutes 3",
        None,
    ),
    Section(
        "classroom_limit",
        "With how many sessions one server no longer keeps up, with one training beside them.",
        "benchmarks/classroom.py --sessions 100 150 200 250 300 400 --minutes 1 --runs 1",
        None,
    ),
    _section(
        "faults",
        "Trainers and servers killed at random moments, and a disk filled at each write.",
        quick="--kills 3 --servers 3 --step 65536",
    ),
    _section("first_point", "From the click on Start training to the first point.", quick="--rounds 1"),
    _section("live", "What it costs a training to be watched.", "fast --rounds 10", "fast --rounds 2"),
    _section(
        "time_to_accuracy",
        "Seconds of training until the test accuracy first reaches a figure.",
        "fast sharp long keras --seeds 5",
        "fast sharp long --seeds 1",
    ),
    _section("training", "Our training loop and Keras's model.fit.", "--rounds 5", "softmax mlp --rounds 2"),
    _section("exports", "The starter in each format that can be exported.", quick=" "),
    _section("pixels", "Which pixels a model that is brought in was trained on, told from its answers."),
    Section(
        "mutations", "Random changes of files that are brought in.", _MUTATIONS + "5000", _MUTATIONS + "200"
    ),
    _section("reproduce", "The tutorials' figures, trained again."),
    _section("estimate", "The first estimate of a training's time."),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    names = [section.name for section in SECTIONS]
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(names))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--pen", type=Path)
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args()
    if unknown := set(arguments.sections) - set(names):
        parser.error(f"there is no section {', '.join(unknown)}; there are {', '.join(names)}")
    known = _known()
    for section in SECTIONS:
        if arguments.sections and section.name not in arguments.sections:
            continue
        command = section.command(arguments.quick, {"PEN": arguments.pen, "PICTURES": arguments.pictures})
        if command is None:
            print(f"{section.name}: left out", flush=True)
            continue
        print(f"{section.name}: {' '.join(command)}", flush=True)
        known[section.name] = _measured(section, command)
        _write(known)


def _measured(section: Section, command: list[str]) -> str:
    """The section as Markdown: its sentence, the command, and the command's output."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{section.name} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    shown = " ".join(re.sub(r"^/.*/", "", word) for word in command)
    printed = done.stdout.strip()
    is_table = printed.startswith("|")
    body = printed if is_table else f"```\n{printed}\n```"
    return f"{section.shows} `python {shown}`, {date.today()}\n\n{body}\n"


def _known() -> dict[str, str]:
    """The sections that are already in the file."""
    if not FIGURES.exists():
        return {}
    parts = re.split(r"^## (\w+)\n\n", FIGURES.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], (part.rstrip("\n") + "\n" for part in parts[1::2])))


def _write(known: dict[str, str]) -> None:
    parts = [f"## {section.name}\n\n{known[section.name]}" for section in SECTIONS if section.name in known]
    FIGURES.write_text("\n".join(["# Figures\n", *_machine(), *parts]), "utf-8")


def _machine() -> Iterator[str]:
    yield (
        f"Measured with `python -m benchmarks` on {os.cpu_count()} cores of {_processor()} with "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB of memory, {platform.system()}, Python "
        f"{platform.python_version()}, TensorFlow {version('tensorflow')}, Streamlit {version('streamlit')}. "
        "This file is written by that command.\n"
    )


def _processor() -> str:
    """The processor's name, and whether it supports bfloat16."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    name = re.search(r"model name\s*: (.*)", text)
    has = "with" if "bf16" in text else "without"
    return f"{name.group(1).strip() if name else platform.machine()} ({has} bfloat16)"


if __name__ == "__main__":
    main()
