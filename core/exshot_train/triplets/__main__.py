"""Make shards of triplets: ``python -m exshot_train.triplets --count 5000 --workers 4``.

Shards that are there already are left alone, so the command can be stopped and started again at
will; shard number ``k`` of a seed is the same whoever makes it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from exshot_train.data_root import train_cache
from exshot_train.triplets.making import PER_SHARD, Order, job_path, make_shard


def main() -> None:
    """Read the command line and make the shards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maker", choices=("photographs", "renders"), default="photographs")
    parser.add_argument("--split", choices=("train", "val"), default="train")
    parser.add_argument("--count", type=int, default=4096, help="triplets in all")
    parser.add_argument("--size", type=int, default=256, help="side of the crops")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one-light", action="store_true", help="no light augmentation")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, help="folder of the shards (EXSHOT_TRAIN_CACHE)")
    chosen = parser.parse_args()
    order = Order(chosen.maker, chosen.split, chosen.size, chosen.seed, not chosen.one_light)
    folder = chosen.out or train_cache() / "shards" / order.name
    wanted = [(order, k, folder) for k in range(-(-chosen.count // PER_SHARD))]
    missing = [job for job in wanted if not job_path(*job).exists()]
    print(f"{len(wanted) - len(missing)} of {len(wanted)} shards are in {folder}", flush=True)
    start = time.perf_counter()
    processes = ProcessPoolExecutor(chosen.workers, multiprocessing.get_context("spawn"))
    with processes as pool:
        for done, path in enumerate(pool.map(make_shard, missing), 1):
            seconds = (time.perf_counter() - start) / (done * PER_SHARD)
            print(f"{path.name}  {done}/{len(missing)}  {seconds:.2f} s a triplet", flush=True)


if __name__ == "__main__":
    main()
