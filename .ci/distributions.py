"""Look into a wheel and an sdist: all that is needed, and nothing else.

python .ci/distributions.py dist
"""

import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "simclf"
# What a file of the package is, by its suffix; caches are none.
KEPT = {".py", ".typed"}


def wanted() -> set[str]:
    """Files of the package as they stand in the repository."""
    files = {path for path in PACKAGE.rglob("*") if path.suffix in KEPT}
    files |= set((PACKAGE / "datasets" / "data").iterdir())
    return {path.relative_to(ROOT).as_posix() for path in files}


def check_wheel(wheel: Path) -> list[str]:
    """Return what is wrong with a wheel: it holds the package, licence and metadata."""
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    own = {name for name in names if ".dist-info/" not in name}
    licences = [name for name in names if name.endswith("licenses/LICENSE")]
    wrong = [f"{wheel.name} lacks {name}" for name in sorted(wanted() - own)]
    wrong += [f"{wheel.name} holds {name}" for name in sorted(own - wanted())]
    return wrong if licences else [*wrong, f"{wheel.name} has no licence"]


def check_sdist(sdist: Path) -> list[str]:
    """Return what is wrong with an sdist: the package can be built of it."""
    with tarfile.open(sdist) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    others = {"LICENSE", "README.md", "setup.cfg", "pyproject.toml"}
    lacking = sorted((wanted() | others) - names)
    return [f"{sdist.name} lacks {name}" for name in lacking]


def main(folder: Path) -> int:
    """Return 1 where something is wrong, else 0."""
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    wrong = [*check_wheel(wheel), *check_sdist(sdist)]
    print("\n".join(wrong) or f"{wheel.name} and {sdist.name} are whole.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
