"""Optuna beside the orchestrator: trials a second from ask to tell, several processes on one study in Postgres.

    orchestrator_optuna.py URL PROCESSES SECONDS WAITING REPORTS

WAITING trials are enqueued first, as a grid is that was submitted; 0: every trial is asked for out of nothing. REPORTS
intermediate values are stored by each process instead where it is above 0. A trial does nothing. The last line is one
JSON object: { "trials_per_s" } or { "reports_per_s" }.
"""

import json
import multiprocessing as mp
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import optuna  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)


def storage(url):
    return optuna.storages.RDBStorage(url)


def study_of(url, name):
    return optuna.load_study(storage=storage(url), study_name=name, sampler=optuna.samplers.RandomSampler(seed=0))


def work(url, name, seconds, reports, barrier, results):
    study = study_of(url, name)
    study.ask()  # opens the connection
    barrier.wait()
    start, done = time.perf_counter(), 0
    if reports:
        trial = study.ask()
        for done in range(1, reports + 1):
            trial.report(float(done), done)
    else:
        while time.perf_counter() - start < seconds:
            study.tell(study.ask(), 1.0)
            done += 1
    results.put(done / (time.perf_counter() - start))


def main():
    url, (processes, seconds, waiting, reports) = sys.argv[1], map(int, sys.argv[2:6])
    name = f"bench-{time.time_ns()}"
    study = optuna.create_study(storage=storage(url), study_name=name, direction="maximize")
    for i in range(waiting):
        study.enqueue_trial({"seed": i})
    context = mp.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    arguments = (url, name, seconds, reports, barrier, results)
    children = [context.Process(target=work, args=arguments) for _ in range(processes)]
    for child in children:
        child.start()
    rates = [results.get(timeout=600) for _ in children]
    for child in children:
        child.join()
    print(json.dumps({"reports_per_s" if reports else "trials_per_s": sum(rates)}))


if __name__ == "__main__":
    main()
