"""Ray Tune beside the orchestrator: trials a second of a grid whose trials do nothing, with reused actors.

    orchestrator_ray.py TRIALS SLOTS

Loggers are Tune's usual ones. The last line is one JSON object: { "trials_per_s" }, from fit() to its end, without the
time that Ray itself takes to start.
"""

import json
import logging
import os
import shutil
import sys
import tempfile
import time

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")

import ray  # noqa: E402
from ray import tune  # noqa: E402


def nothing(config):
    tune.report({"score": config["seed"]})


def main():
    trials, slots = map(int, sys.argv[1:3])
    ray.init(
        num_cpus=slots,
        include_dashboard=False,
        logging_level=logging.ERROR,
        log_to_driver=False,
        object_store_memory=200 * 1024 * 1024,
    )
    folder = tempfile.mkdtemp(prefix="peftgrid-ray-")
    tuner = tune.Tuner(
        tune.with_resources(nothing, {"cpu": 1}),
        param_space={"seed": tune.grid_search(list(range(trials)))},
        tune_config=tune.TuneConfig(max_concurrent_trials=slots, reuse_actors=True),
        run_config=tune.RunConfig(storage_path=folder, verbose=0),
    )
    start = time.perf_counter()
    tuner.fit()
    rate = trials / (time.perf_counter() - start)
    ray.shutdown()
    shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"trials_per_s": rate}))


if __name__ == "__main__":
    main()
