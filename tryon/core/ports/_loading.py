"""Engines that have something to load, run on a device, and have memory to give back."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Loading(Protocol):
    def load(self) -> None:
        """Now instead of with the first photo. Twice is as once. Raises what the first photo would."""
        ...


def load_now(*engines: object) -> None:
    """Those that have something to load; a container does so once, before its first order."""
    for engine in engines:
        if isinstance(engine, Loading):
            engine.load()


@runtime_checkable
class Releasing(Protocol):
    def release(self) -> None:
        """Give back the device's memory that was needed for work alone; what is loaded stays."""
        ...


def release_now(*engines: object) -> None:
    for engine in engines:
        if isinstance(engine, Releasing):
            engine.release()


@runtime_checkable
class OnDevice(Protocol):
    @property
    def device(self) -> str:
        """cpu or cuda: where it is loaded, or will be."""
        ...


def device_of(*engines: object) -> str:
    """cuda where one of them works there; what says nothing works on the CPU."""
    devices = {engine.device for engine in engines if isinstance(engine, OnDevice)}
    return "cuda" if "cuda" in devices else "cpu"
