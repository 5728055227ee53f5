#!/usr/bin/env python3
"""Compiles the example model of CONTRIBUTING.md into a copy of the table of models and puts it through the
tests that hold for every model.

Usage: run_contributing.py PINCH SOURCE LIBRARY COMPILER"""

import os
import re
import subprocess
import sys
import tempfile

FLAGS = ("-std=gnu17 -O1 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror "
         "-fno-math-errno -fno-trapping-math").split()


def main():
    source, library, compiler = (os.path.abspath(sys.argv[2]), sys.argv[3], sys.argv[4])
    with open(os.path.join(source, "CONTRIBUTING.md")) as file:
        model = re.search(r"^```c\n(.*?)^```$", file.read(), re.M | re.S).group(1)
    with open(os.path.join(source, "devices/memristors/table.c")) as file:
        table = file.read()
    start = "const pn_memristor *const pn_memristors[] = {\n"
    table = "#include \"devices/memristor.h\"\nextern const pn_memristor pn_memristor_example;\n" + table.replace(
        start, start + "    &pn_memristor_example,\n")
    assert "&pn_memristor_example" in table
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("example.c", model), ("table.c", table)):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        files = [os.path.join(folder, "example.c"), os.path.join(folder, "table.c"),
                 os.path.join(source, "tests/generated/test_memristors.c")]
        program = os.path.join(folder, "test")
        subprocess.run([compiler, *FLAGS, "-I", source, "-I", os.path.join(source, "include"), "-I",
                        os.path.join(source, "tests"), "-o", program, *files, library, "-lcheck", "-lsubunit", "-lrt",
                        "-lpthread", "-lm"], check=True)
        done = subprocess.run([program], cwd=source, env=dict(os.environ, CK_FORK="no", CK_VERBOSITY="verbose"),
                              stdout=subprocess.PIPE, text=True)
    lines = [l for l in done.stdout.splitlines() if ":P:" not in l]
    print("\n".join(lines[-20:]))
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
