"""The head of a launch: it starts runs, watches them, tries again what failed, collects the cells that are whole."""

import time
from collections import Counter
from collections.abc import Callable, Iterable

from tqdm import tqdm

from benchmarks.errors import UserError
from benchmarks.launch.places import Job, Place
from benchmarks.launch.plan import Planned
from benchmarks.launch.runs import Run, epochs_done, fault_of, is_done, is_held, is_whole
from benchmarks.training.cell import Cell
from benchmarks.training.collect import collect, entered_runs
from benchmarks.training.run import remove_run

Key = tuple[str, str, int, int]


class Head:
    """What is known of the runs of one launch. All of it can be read from disk again."""

    def __init__(self, plan: list[Planned], place: Place, attempts: int, say: Callable[[str], None] = tqdm.write):
        """
        Args:
            plan: every run, those that others start from first.
            place: where they are trained.
            attempts: how often a run is tried before it counts as failed.
            say: what lines are told with.
        """
        self.plan, self.place, self.attempts, self.say = plan, place, attempts, say
        self.waiting = {planned.run.key: planned.run for planned in plan if planned.waits}
        self.active: dict[Key, tuple[Run, Job]] = {}
        self.failures: dict[Key, str] = {}
        self.tried: Counter[Key] = Counter()
        self.epochs = {planned.run.key: planned.epochs_done for planned in plan}
        self.changed: dict[Key, float] = {}
        self.elsewhere: set[Key] = set()
        self.uncollected: dict[str, str] = {}

    def run(self, interval: float = 1.0) -> dict[str, str]:
        """Train everything that waits; by name what failed, each with its last message.

        Args:
            interval: seconds between two looks at what is being trained.
        """
        total = sum(planned.run.epochs for planned in self.plan)
        self.collect_whole(planned.run.cell for planned in self.plan)
        try:
            with tqdm(total=total, initial=sum(self.epochs.values()), unit="epoch", desc="launch") as bar:
                while self.waiting or self.active:
                    self.start_ready()
                    self.end_ended()
                    self.look_at_epochs()
                    bar.set_postfix(at_work=len(self.active), waiting=len(self.waiting), failed=len(self.failures))
                    bar.update(sum(self.epochs.values()) - bar.n)
                    if self.waiting or self.active:
                        time.sleep(interval)
        finally:
            self.place.close()
        names = {planned.run.key: planned.run.name for planned in self.plan}
        return {names[key]: message for key, message in self.failures.items()} | self.uncollected

    def start_ready(self) -> None:
        """Give the place what it has room for, of the runs whose sources are there and nobody is at work on."""
        room, ready = self.place.room(), list[Run]()
        for key, run in list(self.waiting.items()):
            if len(ready) >= room:
                break
            to_come = self.waiting.keys() | self.active.keys() | {other.key for other in ready}
            if failed := [source for source in run.sources if source in self.failures]:
                del self.waiting[key]
                self.failures[key] = f"not tried: it starts from {failed[0][1]}, which failed."
            elif to_come.isdisjoint(run.sources):
                if is_held(run):  # by what another launch or an earlier head has started
                    if key not in self.elsewhere:
                        self.say(f"{run.name}: another process is at work on it; waiting for its end")
                    self.elsewhere.add(key)
                    continue
                del self.waiting[key]
                if is_done(run) and fault_of(run) is None:  # meanwhile, by such another
                    self.enter(run)
                    continue
                if is_done(run):
                    remove_run(run.cell, run.seed, run.fold)
                ready.append(run)
        for run, job in zip(ready, self.place.start(ready) if ready else [], strict=True):
            self.active[run.key] = run, job
            self.tried[run.key] += 1

    def end_ended(self) -> None:
        for key, (run, job) in list(self.active.items()):
            if not job.ended():
                continue
            del self.active[key]
            fault = job.fault() or fault_of(run)
            if fault is None:
                self.enter(run)
            elif self.tried[key] < self.attempts:
                self.say(f"{run.name}: attempt {self.tried[key]} of {self.attempts} failed: {fault}")
                self.waiting[key] = run
            else:
                self.say(f"{run.name}: failed: {fault}")
                self.failures[key] = fault

    def enter(self, run: Run) -> None:
        """Count a finished run, and collect its cell if that is whole now."""
        self.epochs[run.key] = run.epochs
        self.collect_whole([run.cell])

    def look_at_epochs(self) -> None:
        for key, (run, _) in self.active.items():
            self.epochs[key] = max(self.epochs_on_disk(run), self.place.epochs(run))

    def epochs_on_disk(self, run: Run) -> int:
        """A run's finished epochs; its state is opened only where it has changed."""
        try:
            changed = (run.folder / "state.pt").stat().st_mtime
        except OSError:
            return epochs_done(run)
        if self.changed.get(run.key) != changed:
            self.changed[run.key] = changed
            return epochs_done(run)
        return self.epochs[run.key]

    def collect_whole(self, cells: Iterable[Cell]) -> None:
        """Write the report files of the cells whose runs are all there, unless these hold them already."""
        fingerprints = {planned.run.key[:2]: planned.run.fingerprint for planned in self.plan}
        for cell in {(cell.benchmark_name, cell.model_name): cell for cell in cells}.values():
            if any(key[:2] == (cell.benchmark_name, cell.model_name) for key in (*self.waiting, *self.active)):
                continue  # one that waits may be on disk, but damaged
            fingerprint = fingerprints[cell.benchmark_name, cell.model_name]
            if is_whole(cell, fingerprint) and set(cell.runs) - set(entered_runs(cell, fingerprint)):
                try:
                    collect(cell, fingerprint)
                except UserError as error:  # a full disk, a run damaged since
                    self.uncollected[f"{cell.benchmark_name}/{cell.model_name}"] = f"not collected: {error}"
