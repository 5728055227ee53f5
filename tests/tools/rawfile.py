"""A reader of SPICE rawfiles, written from the format's description and sharing no code
with Pinch: what Pinch writes must be readable by somebody else."""

import struct


class Plot:
    """One result. names [n] in lower case, types [n], data[k] the n points of variable k
    (float, or complex when is_complex)."""

    def __init__(self, header, names, types, data):
        self.header = header
        self.names = names
        self.types = types
        self.data = data
        self.name = header.get("plotname", "")
        self.is_complex = "complex" in header.get("flags", "")

    def __getitem__(self, name):
        return self.data[self.names.index(name.lower())]


def read(path):
    """All plots of a file. Raises ValueError where the file breaks the format."""
    with open(path, "rb") as file:
        content = file.read()
    plots, at = [], 0
    while at < len(content):
        plot, at = _read_plot(content, at)
        plots.append(plot)
    if not plots:
        raise ValueError("no plot in the file")
    return plots


def _line(content, at):
    end = content.find(b"\n", at)
    if end < 0:
        raise ValueError("the header does not end")
    return content[at:end].decode("utf-8", "replace").rstrip("\r"), end + 1


def _read_plot(content, at):
    header = {}
    while True:
        line, at = _line(content, at)
        key, colon, value = line.partition(":")
        if not colon:
            raise ValueError("header line without a colon: " + line)
        key = key.strip().lower()
        if key == "variables":
            break
        header[key] = value.strip()
    n_variables, n_points = int(header["no. variables"]), int(header["no. points"])
    names, types = [], []
    for k in range(n_variables):
        line, at = _line(content, at)
        words = line.split("\t")
        if len(words) < 4 or words[0] != "" or int(words[1]) != k:
            raise ValueError("variable line %d is not tab-separated or out of order: %r" % (k, line))
        names.append(words[2].lower())
        types.append(words[3])
    kind, at = _line(content, at)
    is_complex = "complex" in header["flags"]
    if kind.startswith("Binary:"):
        rows, at = _binary(content, at, n_points, n_variables, is_complex)
    elif kind.startswith("Values:"):
        rows, at = _ascii(content, at, n_points, n_variables, is_complex)
    else:
        raise ValueError("neither Binary: nor Values: but " + kind)
    data = [[row[k] for row in rows] for k in range(n_variables)]
    return Plot(header, names, types, data), at


def _binary(content, at, n_points, n_variables, is_complex):
    width = n_variables * (2 if is_complex else 1)
    end = at + 8 * width * n_points
    if end > len(content):
        raise ValueError("%d points are promised, %d bytes are there" % (n_points, len(content) - at))
    rows = []
    for numbers in struct.iter_unpack("=%dd" % width, content[at:end]):
        if is_complex:
            rows.append([complex(numbers[2 * k], numbers[2 * k + 1]) for k in range(n_variables)])
        else:
            rows.append(numbers)
    return rows, end


def _ascii(content, at, n_points, n_variables, is_complex):
    rows = []
    for point in range(n_points):
        row = []
        for k in range(n_variables):
            line, at = _line(content, at)
            words = line.split()
            if k == 0:
                if int(words.pop(0)) != point:
                    raise ValueError("point %d is not numbered so: %r" % (point, line))
            if is_complex:
                re, im = words[0].split(",")
                row.append(complex(float(re), float(im)))
            else:
                row.append(float(words[0]))
        rows.append(row)
        while content[at:at + 1] == b"\n":
            at += 1
    return rows, at
