"""Builds the Cython extensions and puts conf, migrations and the built page inside the wheel."""

import os
import shutil
from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent

# Folders of the checkout that a running server reads; `wildside.bundled` finds them in either place.
BUNDLED = {
    "conf": "conf",
    "migrations": "migrations",
    "frontend-pwa/dist": "page",
    "spec": "spec",
}

PACKAGES = sorted(
    str(path.parent.relative_to(ROOT)).replace(os.sep, ".")
    for package in ("actors", "solver", "wildside")
    for path in (ROOT / package).rglob("__init__.py")
)

# WILDSIDE_NATIVE=checked builds with bounds checks and assertions for `make check-native`.
CHECKED = os.environ.get("WILDSIDE_NATIVE") == "checked"
SANITIZERS = ["-fsanitize=address,undefined", "-fno-omit-frame-pointer", "-g", "-O1"]


class BuildWithBundledFolders(build_py):
    """Copies the checkout's data folders to `wildside/_bundled` of the built package."""

    def run(self) -> None:
        """Build as usual, then add the folders; an editable install reads the checkout itself."""
        super().run()
        if self.editable_mode:
            return
        for source, target in BUNDLED.items():
            if (ROOT / source).is_dir():
                shutil.copytree(
                    ROOT / source,
                    Path(self.build_lib) / "wildside" / "_bundled" / target,
                    dirs_exist_ok=True,
                )


def extension(path: Path) -> Extension:
    """One extension for one .pyx file, named by its place in the tree."""
    return Extension(
        str(path.relative_to(ROOT).with_suffix("")).replace(os.sep, "."),
        [str(path.relative_to(ROOT))],
        include_dirs=[np.get_include()],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
        # -ffp-contract=off: one seed must give one answer on every machine, fused multiply-add or not.
        extra_compile_args=SANITIZERS if CHECKED else ["-O3", "-ffp-contract=off"],
        extra_link_args=["-fsanitize=address,undefined"] if CHECKED else [],
    )


setup(
    packages=PACKAGES,
    package_data={"": ["*.pyx", "*.pxd", "*.pyi", "*.lua", "py.typed"]},
    ext_modules=cythonize(
        [
            extension(path)
            for package in ("solver", "wildside")
            for path in sorted((ROOT / package).rglob("*.pyx"))
        ],
        compiler_directives={
            "language_level": 3,
            "boundscheck": CHECKED,
            "wraparound": False,
            "cdivision": not CHECKED,
            "initializedcheck": CHECKED,
            "embedsignature": True,
        },
        build_dir="build/cython",
        nthreads=os.cpu_count() or 1,
    ),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
    cmdclass={"build_py": BuildWithBundledFolders},
)
