"""The processes that train, each at the other end of a pipe."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from benchmarks.errors import UserError

Answer = tuple[str, Any]  # what it is, and what it says

PATIENCE = 5.0  # seconds that a process is given to end by itself


def serve(*arguments: Any) -> None:
    """See process.py, which the process that lists the work need not import: no torch, no device."""
    from benchmarks.bundle import process

    process.serve(*arguments)


class Member:
    """A process, and what it is doing."""

    def __init__(self, parameters: Path, device: str, commit: str):
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        arguments = (other, parameters, device, commit)
        self.process = context.Process(target=serve, args=arguments, daemon=True)
        self.process.start()
        other.close()
        self.task: Any = None  # what it is doing; None when it is idle
        self.finished: Any = None  # what it has done last

    def tell(self, task: Any, name: str, *arguments: Any) -> None:
        """Give an idle process something to do, which its `task` then says."""
        self.task = self.finished = task
        self.pipe.send((name, *arguments))


class Team:
    """Processes on one device."""

    def __init__(self, parameters: Path, device: str, commit: str):
        self.parameters, self.device, self.commit = parameters, device, commit
        self.members: list[Member] = []

    def grow(self, number: int) -> None:
        """Start processes until there are so many."""
        while len(self.members) < number:
            self.members.append(Member(self.parameters, self.device, self.commit))

    def shrink(self, number: int) -> None:
        """End idle processes until there are so many."""
        for member in [member for member in self.members if member.task is None][number:]:
            self.end_one(member)

    def ask(self, member: Member, name: str, *arguments: Any) -> Any:
        """Tell one process to do something and wait for its answer.

        Raises:
            UserError: it failed, or the process died.
        """
        return self.ask_all([member], name, *arguments)[0]

    def ask_all(self, members: list[Member], name: str, *arguments: Any) -> list[Any]:
        """The same of several at once."""
        for member in members:
            member.tell(name, name, *arguments)
        answers = {}
        while len(answers) < len(members):
            for member, (kind, found) in self.answers([m for m in members if m not in answers], timeout=1):
                if kind in ("failed", "died"):
                    raise UserError(str(found))
                answers[member] = found
        return [answers[member] for member in members]

    def answers(self, members: list[Member], timeout: float) -> Iterator[tuple[Member, Answer]]:
        """What processes have said, within so many seconds. One that has died says `("died", why)` and is gone."""
        by_pipe = {member.pipe: member for member in members}
        for pipe in wait(list(by_pipe), timeout):
            assert isinstance(pipe, Connection)
            member = by_pipe[pipe]
            try:
                answer = pipe.recv()
            except (EOFError, ConnectionResetError):
                member.process.join(PATIENCE)
                self.members.remove(member)
                yield member, ("died", f"its process ended with exit status {member.process.exitcode}")
                continue
            if answer[0] != "epoch":
                member.task = None
            yield member, answer

    def busy(self) -> list[Member]:
        return [member for member in self.members if member.task is not None]

    def idle(self) -> list[Member]:
        return [member for member in self.members if member.task is None]

    def end_one(self, member: Member) -> None:
        member.pipe.close()
        if member.task is not None:
            member.process.terminate()
        member.process.join(PATIENCE)
        if member.process.is_alive():
            member.process.kill()
            member.process.join()
        if member in self.members:
            self.members.remove(member)

    def end(self) -> None:
        for member in list(self.members):
            self.end_one(member)
