"""The paper's Table 1 with this project's networks: ``python -m benchmarks.ablations``.

Measures the landmark warp, the shipped ExprNet and every ablation whose checkpoint is at hand
(`exshot_train.data_root.train_cache`), all through the same Editor. Ablations differ from
``ablation_full`` in one thing each and share its data, seed and reduced budget; the shipped weights
are the mean of three longer runs, which are measured too. Missing checkpoints are named together
with the command that makes them.
"""

from __future__ import annotations

import argparse
import sys

from benchmarks import quality
from benchmarks.trained import ABLATIONS, SHIPPED, checkpoint


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code of `benchmarks.quality`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations", description=__doc__)
    parser.add_argument("--sets", help="comma-separated, as for benchmarks.quality")
    parser.add_argument("--limit", type=int, help="at most this many cases of each set")
    parser.add_argument("--save", metavar="NAME", help="keep it as benchmarks/results/NAME.json")
    parser.add_argument("--markdown", action="store_true")
    chosen = parser.parse_args(arguments)
    methods = ["untouched", "feathered", "warp", "exprnet"]
    for name, title in (SHIPPED | ABLATIONS).items():
        if checkpoint(name).is_file():
            methods.append(name)
            continue
        print(
            f"{title}: not trained here; python -m exshot_train.train "
            f"core/exshot_train/experiments/{name}.yaml",
            file=sys.stderr,
        )
    passed = ["--methods", ",".join(methods)]
    for flag, value in (
        ("--sets", chosen.sets),
        ("--limit", chosen.limit),
        ("--save", chosen.save),
    ):
        passed += [] if value is None else [flag, str(value)]
    return quality.main([*passed, *(["--markdown"] if chosen.markdown else [])])


if __name__ == "__main__":
    sys.exit(main())
