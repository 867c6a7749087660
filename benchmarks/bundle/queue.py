"""Work through a list of runs with a team of processes, in the list's order as far as time and memory allow."""

import dataclasses
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.bundle.results import Outcome
from benchmarks.bundle.runs import EXTERNAL, Run
from benchmarks.bundle.schedule import Speed, best_number, first_in_part, first_that_fits, numbers_to_try
from benchmarks.bundle.team import Answer, Member, Team
from benchmarks.configuration import Parameters
from benchmarks.errors import UserError
from benchmarks.training.progress import tqdm

TRIAL = 1.0  # seconds of steps, for each number of processes
WORTH_A_TRIAL = 30.0  # seconds that all runs must take one by one
RECENT = 0.5  # the weight of a new epoch in what an epoch is expected to take
ATTEMPTS = 2
TOO_LITTLE = 2.0  # seconds in which nothing is begun


class Queue:
    """The listed runs, what is known of their speed, and the processes at work on them."""

    def __init__(
        self,
        parameters: Parameters,
        cells: dict[str, Any],
        outcomes: list[Outcome],
        team: Team,
        report: dict[str, Any],
        deadline: float,
        write: Callable[[bool], float],
        check: bool,
    ):
        """
        Args:
            parameters: of the bundle.
            cells: of the manifest, by `benchmark/model`.
            outcomes: of the listed runs; they are kept up to date.
            team: of processes, none of them started.
            report: to which device and speeds are added.
            deadline: on the monotonic clock.
            write: writes the archive, with states or without, and returns the bytes that are left for states.
            check: whether the device's operators are checked first, and its ceiling measured.
        """
        self.parameters, self.cells, self.outcomes, self.team = parameters, cells, outcomes, team
        self.report, self.deadline, self.write, self.check = report, deadline, write, check
        self.by_run = {outcome.run: outcome for outcome in outcomes}
        self.waiting = [outcome.run for outcome in outcomes if self.has_work(outcome)]
        self.attempts = dict.fromkeys(self.waiting, 0)
        self.speeds: dict[str, Speed] = {}
        self.free = self.room = 0.0
        self.promised: dict[Run, int] = {}  # bytes of the states of runs that were begun without time to finish

    def has_work(self, outcome: Outcome) -> bool:
        """Whether a run is to be trained, or its network to be tested on other datasets."""
        tested = all(
            (EXTERNAL / outcome.run.cell / dataset / f"{outcome.run.folder.name}.json").is_file()
            for dataset in self.cells[outcome.run.cell]["test_on"]
        )
        return outcome.state in ("waiting", "resumable") or (outcome.state == "whole" and not tested)

    def left(self) -> float:
        """Seconds until everything must be written."""
        return self.deadline - time.monotonic()

    def epochs_left(self, run: Run) -> int:
        outcome = self.by_run[run]
        epochs = self.parameters.training_of(run.benchmark, run.model).epochs
        return 0 if outcome.state == "whole" else epochs - outcome.epochs

    def run(self, most: int, at_once: int | None) -> None:
        """Until the list is done, or nothing more fits into the time.

        Args:
            most: processes at most.
            at_once: so many processes, without a trial; None for as many as pay.
        """
        if not self.waiting or self.left() < TOO_LITTLE:
            return
        self.introduce()
        self.check_device()
        if self.waiting and self.left() > TOO_LITTLE:
            self.team.shrink(self.number_of_processes(most) if at_once is None else 1)
            self.team.grow(at_once or 1)
        total = sum(self.epochs_left(run) for run in self.waiting)
        with tqdm(total=total, desc="epochs", unit="epoch", file=sys.stderr) as self.bar:
            while self.left() > 0:
                for member in self.team.idle():
                    self.give_work(member)
                if not self.team.busy():
                    return
                for member, answer in self.team.answers(self.team.busy(), timeout=min(1.0, max(0.0, self.left()))):
                    self.hear(member, answer)

    def introduce(self) -> None:
        """Start a first process, which tells what machine this is and how far interrupted runs have come.

        Raises:
            UserError: no process can be started on the device.
        """
        self.team.grow(1)
        first = self.team.members[0]
        told, free = self.team.ask(first, "present")
        self.report.update(told)
        self.free = 0.9 * free
        for outcome in self.outcomes:
            if outcome.state == "resumable":
                fingerprint = self.cells[outcome.run.cell]["fingerprint"]
                outcome.epochs = self.team.ask(first, "epochs", outcome.run, fingerprint)
                outcome.state = "resumable" if outcome.epochs else "waiting"

    def check_device(self) -> None:
        """Before anything is trained: the operators against float64, in a process that may fail."""
        if self.check:
            side = self.parameters.benchmark(self.waiting[0].benchmark).image_size
            try:
                self.report.update(self.team.ask(self.team.members[0], "check_device", side))
            except UserError as error:
                self.report["failed"] = str(error)
                print(f"the check of the device failed: {error}", file=sys.stderr)
                self.team.grow(1)
        self.room = self.write(False)

    def number_of_processes(self, most: int) -> int:
        """How many processes train most in the same time, of those that fit into the memory, from a short trial.

        The first cell of the list stands for all. Its speed is that beside the others.
        """
        first, run = self.team.members[0], self.waiting[0]
        try:
            self.measured(run, *self.team.ask(first, "measure", run, self.cells[run.cell]["test_on"], self.check))
            speed = self.speeds[run.cell]
            alone = sum(speed.needed(self.epochs_left(other)) for other in self.waiting)
            most = min(most, len(self.waiting), int(self.free // speed.memory))
            if most < 2 or alone < WORTH_A_TRIAL:
                return 1
            rates = self.rates(run, most)
        except UserError as error:
            self.give_up(run, str(error))
            self.team.grow(1)
            return 1
        number = best_number(rates)
        slower = number * rates[0][1] / dict(rates)[number]
        self.speeds[run.cell] = speed.beside_others(max(1.0, slower))
        self.report["processes"] = {"number": number, "steps_per_second": dict(rates)}
        return number

    def rates(self, run: Run, most: int) -> list[tuple[int, float]]:
        """Steps per second of one process, of two side by side, of four, for as long as it gains.

        Raises:
            UserError: a process fails alone.
        """
        rates: list[tuple[int, float]] = []
        for number in [1, *numbers_to_try(most)]:
            self.team.grow(number)
            members = self.team.members[:number]
            try:
                self.team.ask_all(members, "warm", run)
                rates.append((number, sum(self.team.ask_all(members, "rate", TRIAL))))
            except UserError:
                if number == 1:
                    raise
                break  # too many, whatever it was that failed
            if best_number(rates) != number:
                break
        busy = self.team.busy()
        for member in busy:  # of a trial that failed: others may still be at it
            self.team.end_one(member)
        self.team.ask_all(self.team.members, "tidy")
        return rates

    def measured(self, run: Run, speed: Speed, told: dict[str, Any]) -> None:
        self.speeds[run.cell] = speed
        self.report["cells"][run.cell] = told

    def give_work(self, member: Member) -> None:
        """Tell an idle process to train what fits, or to measure a cell that was not measured yet."""
        left = self.left()
        if left < TOO_LITTLE:
            return
        ready = [run for run in list(self.waiting) if self.is_ready(run)]
        memory = self.free_memory()
        measuring = {other.task[1].cell for other in self.team.busy() if other.task[0] == "measure"}
        for run in ready:  # in the list's order: one that fits, or that nobody has measured
            if run.cell not in self.speeds and run.cell not in measuring:
                member.tell(("measure", run), "measure", run, self.cells[run.cell]["test_on"], self.check)
                return
            if first_that_fits([run], self.speeds, self.epochs_left, left, memory):
                self.train(member, run)
                return
        if self.team.busy() and measuring:
            return
        if run := first_in_part(ready, self.speeds, left, memory, self.room - sum(self.promised.values())):
            self.promised[run] = self.speeds[run.cell].state
            self.train(member, run)

    def train(self, member: Member, run: Run) -> None:
        self.waiting.remove(run)
        self.attempts[run] += 1
        member.tell(("train", run), "train", run, self.deadline, self.cells[run.cell]["test_on"])

    def is_ready(self, run: Run) -> bool:
        """Whether what a run starts from is trained; where that has failed, so has the run."""
        for model in (self.parameters.model(run.model).initialise_from or {}).values():
            source = self.by_run.get(dataclasses.replace(run, model=model))
            if source and source.state == "failed":
                self.give_up(run, f"it starts from {source.run}, which failed")
                return False
            if source and source.state != "whole":
                return False
        return True

    def free_memory(self) -> float:
        """Bytes that no running process has or will take; all of it for a process that is alone."""
        tasks = [member.task for member in self.team.busy()]
        taken = sum(self.speeds[run.cell].memory for kind, run in tasks if kind == "train")
        return self.free - taken if tasks else float("inf")

    def hear(self, member: Member, answer: Answer) -> None:
        """Take in what a process says."""
        kind, found = answer
        if kind == "epoch":
            self.note_epoch(member, found)
            return
        task, run = member.finished
        if kind in ("failed", "died"):
            self.failed(task, run, str(found))
        elif task == "measure":
            self.measured(run, *found)
        else:
            outcome = self.by_run[run]
            outcome.state = "whole" if found else "resumable"
            if found:
                self.room = self.write(False)

    def note_epoch(self, member: Member, row: dict[str, Any]) -> None:
        run = member.task[1]
        self.by_run[run].epochs = row["epoch"] + 1
        speed = self.speeds.get(run.cell)
        if speed:
            expected = (1 - RECENT) * speed.epoch + RECENT * row["seconds"]
            self.speeds[run.cell] = dataclasses.replace(speed, epoch=expected)
        self.bar.set_postfix(seconds_left=round(self.left()))
        self.bar.update()

    def failed(self, task: str, run: Run, why: str) -> None:
        """A run is tried once more, after all others; a cell that cannot be measured is given up."""
        self.team.grow(1)
        print(f"{run}: {why}", file=sys.stderr)
        if task == "measure":
            for other in [other for other in self.waiting if other.cell == run.cell]:
                self.give_up(other, why)
        elif self.attempts[run] < ATTEMPTS:
            self.waiting.append(run)
        else:
            self.give_up(run, why)

    def give_up(self, run: Run, why: str) -> None:
        if run in self.waiting:
            self.waiting.remove(run)
        outcome = self.by_run[run]
        if outcome.state != "whole":
            outcome.state = "failed"
        outcome.message = why
