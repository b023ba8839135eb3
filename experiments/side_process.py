"""Work done in a process of its own while the caller goes on."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import TypeVar

from itcho.experiments.orphans import work_for_parent
from itcho.experiments.stopping import exit_code_asked, requests_held_back

Result = TypeVar("Result")
Task = TypeVar("Task")

_TURN_BYTES, _MOST_TURNS = 4, 16_000
"""Bytes of the number of a turn, and turns that one pipe holds; of more tasks a turn is several."""
END_SECONDS = 5.0
"""How long a side process may take to end once it is no longer needed."""


@contextmanager
def beside(work: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Start ``work`` beside the caller; what is yielded waits for its result, or raises what it raised.

    The process is a fork: it shares what is already imported and needs nothing sent to it, and it ends with the block,
    however the block ends.  Anywhere but on Linux forks are not safe: there, work is done when its result is asked for.

    Examples
    --------
    >>> with beside(lambda: 6 * 7) as result:
    ...     result()
    42
    """
    if not sys.platform.startswith("linux"):
        yield work
        return
    # Mesa sets the start method of the whole process; an explicit context is not touched by that.
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, sender), daemon=True)
    with requests_held_back():
        process.start()
    sender.close()

    def result() -> Result:
        try:
            done, value = pickle.loads(receiver.recv_bytes())
        except EOFError:
            raise LostProcessError from None
        if not done:
            raise value
        return value

    try:
        yield result
    finally:
        process.terminate()
        _see_off(process)
        receiver.close()


class LostProcessError(RuntimeError):
    """A process at work was killed, or left without a word."""

    def __init__(self) -> None:
        super().__init__("a side process ended without a result (killed, or out of memory?)")


def side_by_side(
    work: Callable[[Task], Result],
    tasks: Sequence[Task],
    workers: int,
    on_done: Callable[[], None] = lambda: None,
) -> list[Result]:
    """Do ``work`` on every task in ``workers`` forks, each of which takes the next task when it is done with one.

    Answers come in the order of the tasks.

    Unlike ``itcho.experiments.processes.in_processes`` nothing has to be imported or compiled anew, which matters where
    all the work takes seconds.  The forks end with the call, however it ends.  Anywhere but on Linux, and with one
    worker, the caller does the work.

    Parameters
    ----------
    on_done : called in this process after each task.

    Raises
    ------
    LostProcessError : a fork was killed (out of memory?).
    Exception : what ``work`` raised, first come.

    Examples
    --------
    >>> side_by_side(lambda number: number**2, [1, 2, 3], 2)
    [1, 4, 9]
    """
    workers = min(workers, len(tasks))
    answers: dict[int, Result] = {}
    if workers <= 1 or not sys.platform.startswith("linux"):
        for place, task in enumerate(tasks):
            answers[place] = work(task)
            on_done()
        return [answers[place] for place in range(len(tasks))]
    context = multiprocessing.get_context("fork")
    receivers: list[Connection] = []
    processes = []
    turns = _turns(len(tasks))
    try:
        for _ in range(workers):
            receiver, sender = context.Pipe(duplex=False)
            receivers.append(receiver)
            processes.append(context.Process(target=_work_in_turns, args=(work, tasks, turns, sender), daemon=True))
            with requests_held_back():
                processes[-1].start()
            sender.close()
        while len(answers) < len(tasks):
            for ready in wait(receivers):
                assert isinstance(ready, Connection)
                try:
                    place, done, value = pickle.loads(ready.recv_bytes())
                except EOFError:
                    receivers.remove(ready)
                    if not receivers:
                        raise LostProcessError from None
                    continue
                if not done:
                    raise value
                answers[place] = value
                on_done()
    finally:
        os.close(turns)
        for process in processes:
            process.terminate()
        for process in processes:
            _see_off(process)
        for receiver in receivers:
            receiver.close()
    return [answers[place] for place in range(len(tasks))]


def _see_off(process: ForkProcess) -> None:
    process.join(END_SECONDS)
    if process.is_alive():  # the request to end met code that swallowed it
        process.kill()
        process.join()


def _turns(tasks: int) -> int:
    """Descriptor of a pipe that holds a number for each turn at the work; what all read, each gets a part of."""
    turns, begun = os.pipe()
    with os.fdopen(begun, "wb") as stream:
        stream.write(b"".join(turn.to_bytes(_TURN_BYTES) for turn in range(min(tasks, _MOST_TURNS))))
    return turns


def _work_in_turns(work: Callable[[Task], object], tasks: Sequence[Task], turns: int, sender: Connection) -> None:
    work_for_parent()
    # Looking for cycles costs a tenth of a run: between tasks is often enough, and never among what the parent made.
    gc.freeze()
    gc.disable()
    while turn := os.read(turns, _TURN_BYTES):
        for place in range(int.from_bytes(turn), len(tasks), _MOST_TURNS):
            try:
                answer = pickle.dumps((place, True, work(tasks[place])))
            except (Exception, SystemExit) as error:
                _leave_if_asked(error)
                answer = pickle.dumps((place, False, error))
            sender.send_bytes(answer)
            gc.collect()
    sender.close()


def _leave_if_asked(error: BaseException) -> None:
    """Go if it is a request to end; what else would leave the process comes from the work, and is told."""
    if isinstance(error, SystemExit) and exit_code_asked() is not None:
        raise error


def _work(work: Callable[[], object], sender: Connection) -> None:
    work_for_parent()
    try:
        answer = pickle.dumps((True, work()))
    except (Exception, SystemExit) as error:
        _leave_if_asked(error)
        answer = pickle.dumps((False, error))
    sender.send_bytes(answer)
    sender.close()
