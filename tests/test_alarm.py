"""Alarms are seen without any logging configured, and never twice."""

from __future__ import annotations

import logging

import pytest

from wechatpay._alarm import alarm


def lonely(monkeypatch: pytest.MonkeyPatch) -> logging.Logger:
    """Return a logger as in a program without logging: pytest's own handlers are taken away."""
    logger = alarm("wechatpay.tests.alarm")
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", logger.handlers[:1])
    return logger


def test_last_resort(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """From a warning on it is on stderr, once, however often the logger was asked for."""
    logger = lonely(monkeypatch)
    assert alarm(logger.name) is logger
    assert len(logger.handlers) == 1
    logger.addHandler(logging.NullHandler())
    logger.setLevel(logging.INFO)
    logger.info("not this")
    logger.warning("this")
    assert capsys.readouterr().err == "this\n"


def test_handler_of_the_applications(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the application takes it, it is nowhere else."""
    logger = lonely(monkeypatch)
    taken: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: taken.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    logger.warning("this")
    assert (taken, capsys.readouterr().err) == (["this"], "")


def test_without_a_last_resort(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An application that wants none has none."""
    logger = lonely(monkeypatch)
    monkeypatch.setattr(logging, "lastResort", None)
    logger.warning("this")
    assert capsys.readouterr().err == ""


def test_logger_above_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A handler of a logger above it counts, as far as records go up."""
    logger = lonely(monkeypatch)
    monkeypatch.setattr(logger, "propagate", True)
    logger.warning("this")  # pytest listens at the root
    assert capsys.readouterr().err == ""
