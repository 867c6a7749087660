"""A progress bar where tqdm is installed, a line per epoch where it is not (a bare training machine)."""

try:
    from tqdm import tqdm
except ImportError:

    class tqdm:
        """The part of tqdm's interface that training uses."""

        def __init__(self, total: int, initial: int = 0, desc: str = "", **options):
            self.total, self.done, self.label, self.notes = total, initial, desc, {}

        def set_postfix(self, **notes) -> None:
            self.notes = notes

        def update(self, count: int = 1) -> None:
            self.done += count
            notes = ", ".join(f"{name} {value}" for name, value in self.notes.items())
            print(f"{self.label}: {self.done}/{self.total} {notes}", flush=True)

        def __enter__(self):
            return self

        def __exit__(self, *error) -> None:
            pass


__all__ = ["tqdm"]
