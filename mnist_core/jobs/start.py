"""Where this server's runs are trained.

$MNIST_CLUSTER     the address of a Dask scheduler; without it, on the server's own machine
"""

import os

from mnist_core.jobs.cluster import Cluster
from mnist_core.jobs.engine import Engine
from mnist_core.jobs.worker import Worker
from mnist_core.runs.store import RunStore


def cluster_address() -> str:
    """$MNIST_CLUSTER without spaces around it and a slash at its end; "" without a cluster."""
    return os.environ.get("MNIST_CLUSTER", "").strip().rstrip("/")


def start_engine(store: RunStore) -> Engine:
    """Start the engine that trains the store's queued runs."""
    address = cluster_address()
    return Cluster(store, address) if address else Worker(store)
