"""How long the map of the test set takes, and how well it keeps equal digits together.

    python benchmarks/map.py [RUN] [--rounds N]

Makes the map of a run (by default the starter) as the Gallery's button does, in a separate process. Prints the
seconds from the click to the map, and the mean share of each point's ten nearest points that have the same
digit, also for the run's existing map.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from sklearn.neighbors import NearestNeighbors

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.explain.map import Map, load_map
from mnist_core.home import home
from mnist_core.jobs.tasks import Tasks, map_task
from mnist_core.runs.run import Run
from mnist_core.runs.store import STARTER, RunStore


def share_alike(made: Map, labels: np.ndarray) -> float:
    nearest = NearestNeighbors(n_neighbors=11).fit(made.points).kneighbors(made.points, return_distance=False)
    return float((labels[nearest[:, 1:]] == labels[:, None]).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("run", nargs="?", default=STARTER)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    run = RunStore(home()).get(arguments.run)
    labels = Evaluation.load(run.intact(run.evaluation_path)).labels
    if found := load_map(run):
        print(f"the map that is there: {share_alike(found, labels):.4f} of the ten nearest are alike")
    maps, seconds = Tasks(), []
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as folder:
            copy = Run(Path(shutil.copytree(run.folder, Path(folder) / run.id)))
            copy.map_path.unlink(missing_ok=True)
            begin = time.perf_counter()
            maps.start(map_task(copy))
            while maps.progress(map_task(copy)) is not None:
                time.sleep(0.02)
            seconds.append(time.perf_counter() - begin)
            made = load_map(copy)
            if made is None:
                sys.exit(maps.error(map_task(copy)))
            print(
                f"{seconds[-1]:.1f} s, {share_alike(made, labels):.4f} of the ten nearest are alike", flush=True
            )
    print(f"median {statistics.median(seconds):.1f} s")


if __name__ == "__main__":
    main()
