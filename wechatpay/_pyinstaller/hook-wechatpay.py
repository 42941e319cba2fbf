"""What PyInstaller puts into a program that uses the package: its data, and what is loaded late."""  # noqa: N999

from PyInstaller.utils.hooks import (  # type: ignore[import-untyped,import-not-found,unused-ignore]
    collect_data_files,
    collect_submodules,
)

_NOT = ("wechatpay._codegen", "wechatpay._pyinstaller", "wechatpay.contrib")


def _is_needed(name: str) -> bool:
    """Tell whether a module is needed that PyInstaller does not find by itself."""
    return not name.startswith(_NOT)


datas = collect_data_files("wechatpay", excludes=["**/*.pyi"])
hiddenimports = collect_submodules("wechatpay", filter=_is_needed)
