"""`wechatpay sandbox` and `wechatpay demo`: a WeChat Pay of your own."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from .. import _output
from .._exits import Exit


class Mode(str, Enum):
    """Which of WeChat Pay's keys signs."""

    PUBLIC_KEY = "public-key"
    CERTIFICATE = "certificate"
    SWITCHING = "switching"


def sandbox(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, metavar="NUMBER", help="sandbox.port")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="sandbox.host")
    ] = "127.0.0.1",
    mode: Annotated[
        Mode, typer.Option("--mode", metavar="MODE", help="sandbox.mode")
    ] = Mode.PUBLIC_KEY,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="sandbox.state")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option("--fault", metavar="RULE", help="sandbox.fault")
    ] = None,
    probes: Annotated[
        float, typer.Option("--probes", min=0, max=1, metavar="SHARE", help="sandbox.probes")
    ] = 0.0,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="NUMBER", help="sandbox.seed")
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="sandbox.tls")] = False,
    sm: Annotated[bool, typer.Option("--sm", help="sandbox.sm")] = False,
    new_keys: Annotated[bool, typer.Option("--new-keys", help="sandbox.new_keys")] = False,
    public_url: Annotated[
        str | None, typer.Option("--public-url", metavar="URL", help="sandbox.public_url")
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option("--allow-host", metavar="HOST", help="sandbox.allow_host")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="sandbox.open")] = False,
) -> None:
    """Serve a sandbox until Ctrl-C."""
    from wechatpay.sandbox import StateError
    from wechatpay.sandbox.serving import serve

    try:
        serve(
            faults=fault or (),
            probes=probes,
            seed=seed,
            port=port,
            host=host,
            mode=mode.value,
            state=state,
            tls=tls,
            sm=sm,
            new_keys=new_keys,
            public_url=public_url,
            allow_hosts=allow_host or (),
            open_page=open_page,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    except (StateError, OSError) as error:
        _output.error(str(error))
        raise typer.Exit(Exit.FILE) from None
    except ImportError as error:
        # Without its extra the sandbox says how to install it.
        _output.error(str(error))
        raise typer.Exit(Exit.CONFIGURATION) from None


def demo() -> None:
    """Run the demonstration."""
    from wechatpay.sandbox import demo as demonstration

    try:
        raise typer.Exit(demonstration.main())
    except ImportError as error:
        _output.error(str(error))
        raise typer.Exit(Exit.CONFIGURATION) from None
