#!/usr/bin/env python3
"""Feeds Pinch inputs too large or too strange to keep in a repository: a line of
100 MB, binary noise, deep nesting, circles of includes. Each must end with exit status 2, a
message that contains the given words, and little time and memory. A case writes bad.cir and
returns the words; with options after them the netlist is run, else only checked.

Usage: run_hostile.py PINCH CASE      (CASE one of the functions below without case_)"""

import os
import random
import resource
import subprocess
import sys
import tempfile

SECONDS = 240  # a bound, not a claim: five million commands take a minute under the sanitizers
MEMORY = 6 << 30  # bytes of address space


def write(folder, name, content):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def case_long_line(folder):
    write(folder, "bad.cir", b"title\nr1 a 0 " + b"1" * 100_000_000 + b"\n.op\n.end\n")
    return ("bad.cir:2:",)


def case_long_word_soup(folder):
    write(folder, "bad.cir", b"title\nr1 a 0 1k\n" + b"nonsense " * 10_000_000 + b"\n.op\n")
    return ("bad.cir:3:",)


def case_empty(folder):
    write(folder, "bad.cir", b"")
    return ("bad.cir",)


def case_title_only(folder):
    write(folder, "bad.cir", b"just a title\n")
    return ("no devices",)


def case_binary(folder):
    write(folder, "bad.cir", random.Random(1).randbytes(100_000))
    return ("bad.cir",)


def case_nul_bytes(folder):
    write(folder, "bad.cir", b"title\nr1 a 0 1k\nv1 a\0 0 1\n.op\n.end\n")
    return ("bad.cir:3:",)


def case_directory(folder):
    os.mkdir(os.path.join(folder, "bad.cir"))
    return ("bad.cir",)


def case_absent(folder):
    return ("bad.cir",)


def case_deep_braces(folder):
    write(folder, "bad.cir", "title\nr1 a 0 {" + "(" * 200_000 + "1" + ")" * 200_000 + "}\n.op\n.end\n")
    return ("bad.cir:2:",)


def case_deep_unary(folder):
    write(folder, "bad.cir", "title\nr1 a 0 {" + "-" * 500_000 + "1}\n.op\n.end\n")
    return ("bad.cir:2:",)


def case_deep_subcircuits(folder):
    text = "title\nx0 a s0\nv1 a 0 1\n"
    for k in range(5000):
        text += ".subckt s%d p\nx p s%d\n.ends\n" % (k, k + 1)
    write(folder, "bad.cir", text + ".subckt s5000 p\nr1 p 0 1k\n.ends\n.op\n.end\n")
    return ("bad.cir:",)


def case_bomb_of_subcircuits(folder):
    text = "title\nv1 a 0 1\nx1 a s0\n"
    for k in range(40):
        text += ".subckt s%d p\nx1 p s%d\nx2 p s%d\nx3 p s%d\n.ends\n" % (k, k + 1, k + 1, k + 1)
    write(folder, "bad.cir", text + ".subckt s40 p\nr1 p 0 1k\n.ends\n.op\n.end\n")
    return "memory", "--max-memory", "512M"


def case_many_elements(folder):
    text = "title\nv1 a 0 1\n" + "".join("r%d a 0 1k\n" % k for k in range(2000))
    write(folder, "bad.cir", text + ".op\n.end\n")
    return "more than 1000 elements", "check", "--max-elements", "1000"


def case_elements_of_a_bus(folder):
    write(folder, "bad.cir", "title\nv1 a 0 1\nr[0:99999999] a 0 1k\n.op\n.end\n")
    return "bad.cir:3:", "check", "--max-elements", "1000"


def case_little_memory(folder):
    text = "title\nv1 a 0 1\n" + "".join("r%d a n%d 1k\n" % (k, k) for k in range(200_000))
    write(folder, "bad.cir", text + ".op\n.end\n")
    return "memory", "check", "--max-memory", "16M"


def case_line_of_no_length(folder):
    write(folder, "bad.cir", "title\nv1 a 0 sin(0 1 1meg)\nt1 a 0 b 0 z0=50 td=1e-300\nr1 b 0 50\n"
          ".tran 1n 1u\n.end\n")
    return "a delay of 1e-300 s", "-q"


def case_deep_includes(folder):
    for k in range(1000):
        write(folder, "%d.inc" % k, ".include %d.inc\n" % (k + 1))
    write(folder, "1000.inc", "r1 a 0 1k\n")
    write(folder, "bad.cir", "title\nv1 a 0 1\n.include 0.inc\n.op\n.end\n")
    return ("deep",)


def case_include_pair(folder):
    write(folder, "bad.cir", "title\n.include other.inc\n.op\n.end\n")
    write(folder, "other.inc", "r1 a 0 1k\n.include third.inc\n")
    write(folder, "third.inc", "r2 a 0 1k\n.include other.inc\n")
    return ("third.inc:2:",)


def case_include_itself(folder):
    write(folder, "bad.cir", "title\n.include bad.cir\n.op\n.end\n")
    return ("bad.cir:2:",)


def case_include_missing(folder):
    write(folder, "bad.cir", "title\nv1 a 0 1\nr1 a 0 1\n.include nowhere.inc\n.op\n.end\n")
    return ("bad.cir:4:",)


def case_huge_numbers(folder):
    write(folder, "bad.cir", "title\nv1 a 0 1\nr1 a 0 1e400\n.op\n.end\n")
    return ("bad.cir:3:",)


def case_param_cycle(folder):
    text = "title\nv1 a 0 1\nr1 a 0 {p0}\n"
    for k in range(2000):
        text += ".param p%d={p%d}\n" % (k, (k + 1) % 2000)
    write(folder, "bad.cir", text + ".op\n.end\n")
    return ("bad.cir:",)


def case_func_cycle(folder):
    write(folder, "bad.cir", "title\nv1 a 0 1\n.func f(x)={g(x)}\n.func g(x)={f(x)}\n"
                             "r1 a 0 {f(1)}\n.op\n.end\n")
    return ("bad.cir:",)


def case_many_errors(folder):
    write(folder, "bad.cir", "title\n" + "q" * 3 + "\n" + "zz1 a b c\n" * 200_000 + ".op\n.end\n")
    return ("bad.cir:",)


def case_many_wrong_names(folder):
    """A suggestion for each among all names would take minutes."""
    names = "".join("r%d n%d 0 1k\n" % (k, k) for k in range(100_000))
    write(folder, "bad.cir", "title\n" + names + "".join("f%d a 0 vx%d 1\n" % (k, k) for k in range(100_000)) + ".op\n.end\n")
    return ("more errors follow",)


CASES = sorted(name[5:] for name in globals() if name.startswith("case_"))


def control(folder, lines):
    write(folder, "bad.cir", "title\nr1 a 0 1k\nv1 a 0 1\n.control\n%s\n.endc\n.end\n" % lines)


def case_control_memory(folder):
    control(folder, "let x = vector(100000)\nwhile 1\nset curplot = new\nlet x = vector(100000)\nend")
    return "bad.cir:8:5: error: let: the results need more memory", "--max-memory", "64M"


def case_control_growing_word(folder):
    control(folder, "set x = aaaaaaaaaaaaaaaa\nwhile 1\nset x = $x$x$x$x\nend")
    return "bad.cir:7:", "--max-memory", "512M"


def case_control_endless(folder):
    control(folder, "while 1\nend")
    return "bad.cir:5:1: error: while: more than 5000000 commands", "-q"


def case_control_nested(folder):
    control(folder, "repeat 2\n" * 1000 + "op\n" + "end\n" * 1000)
    return ("nested deeper than 64",)


def case_control_deep_expression(folder):
    control(folder, "let x = " + "(" * 30000 + "1" + ")" * 30000)
    return "nested too deeply", "-q"


def main():
    pinch, name = os.path.abspath(sys.argv[1]), sys.argv[2]

    def limit():
        if "asan" not in pinch:  # the address sanitizer reserves terabytes
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    with tempfile.TemporaryDirectory() as folder:
        words, *options = globals()["case_" + name](folder)
        done = subprocess.run([pinch, *(options or ["check"]), "bad.cir"], cwd=folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              errors="replace", timeout=SECONDS, preexec_fn=limit)
    print("exit status %d\n%s" % (done.returncode, done.stderr[:2000]))
    if done.returncode != 2 or words not in done.stderr or len(done.stderr) > 100_000:
        raise SystemExit("expected exit status 2, a short message and '%s' in it" % words)


if __name__ == "__main__":
    main()
