#!/usr/bin/env python3
"""Does what CONTRIBUTING.md tells a newcomer: puts the page's files where it says, in a copy of the tree, builds that
copy and lets the page's own words judge: listed, drawn, simulated, and through the tests of every model.

Usage: run_contributing.py PINCH SOURCE [COMPILER_LAUNCHER]"""

import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.path.abspath(sys.argv[2])
LAUNCHER = sys.argv[3] if len(sys.argv) > 3 else ""


def run(*command, **more):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **more)
    if done.returncode:
        raise SystemExit("%s exited %d:\n%s" % (" ".join(command), done.returncode, done.stdout[-4000:]))
    return done.stdout


def files_of_page():
    """The page's code blocks by the path that the line before each names."""
    with open(os.path.join(SOURCE, "CONTRIBUTING.md")) as file:
        found = re.findall(r"`([\w/.]+)`[^\n`]*:\n+```(?:c|spice)\n(.*?)^```$", file.read(), re.M | re.S)
    return dict(found)


def link_tree(source, tree):
    """The tree's folders, with links to its files."""
    os.makedirs(tree)
    for entry in os.scandir(source):
        here = os.path.join(tree, entry.name)
        if entry.name.startswith((".git", "build")):
            continue
        if entry.is_dir():
            link_tree(entry.path, here)
        else:
            os.symlink(entry.path, here)


def main():
    files = files_of_page()
    assert len(files) == 3, sorted(files)
    names = [os.path.basename(f)[:-2] for f in files if f.endswith(".c")]
    with tempfile.TemporaryDirectory() as folder:
        tree, build = os.path.join(folder, "tree"), os.path.join(folder, "build")
        link_tree(SOURCE, tree)
        for path, text in files.items():
            assert not os.path.exists(os.path.join(tree, path)), path
            with open(os.path.join(tree, path), "w") as file:
                file.write(text)
        run("cmake", "-S", tree, "-B", build, "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1", "-DPINCH_WERROR=ON",
            "-DCMAKE_C_COMPILER_LAUNCHER=" + LAUNCHER)
        run("make", "-C", build, "-j2", "pinch-cli", "test_memristors", "test_compacts")
        pinch = os.path.join(build, "pinch")
        listed = run(pinch, "models")
        for name in names:
            assert re.search(r"^ +%s " % name, listed, re.M), listed
            assert "Author" in run(pinch, "models", name)
            run(pinch, "models", name, "--plot", "-o", os.path.join(folder, name + ".png"))
        pictures = [f for f in os.listdir(folder) if f.endswith(".png")]
        assert len(pictures) >= 2, pictures
        run(pinch, "reference", os.path.join(folder, "reference"))
        for name in names:
            assert os.path.exists(os.path.join(folder, "reference", name + ".md")), name
        netlist = next(os.path.basename(f)[:-4] for f in files if f.endswith(".cir"))
        done = run("ctest", "--test-dir", build, "-R", r"^(test_memristors|test_compacts|golden\.%s)$" % netlist,
                   "--output-on-failure")
        assert "100% tests passed, 0 tests failed out of 3" in done, done
        print("%s: listed, drawn, simulated and tested" % ", ".join(sorted(files)))


if __name__ == "__main__":
    main()
