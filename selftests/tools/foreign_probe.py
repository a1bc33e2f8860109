#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Adds a probe of __udp4_lib_rcv() as another version of dropctl would have: it says what
it follows in words of its own, or has its points elsewhere.

usage: foreign_probe.py NAME SPEC
"""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import nl_wire
from nl_wire import attr, number

# DROPTRACE_CMD_*, DROPTRACE_A_TRACE_*
TRACE_ADD, POINT_ADD, POINT_ARM = 12, 15, 16
ID, NAME, FRAMES, POINTS, PROGS, SPEC = 1, 2, 9, 10, 11, 25
NONE, NO_REG = 0xFFFFFFFF, 0xFF
OP_END, OP_REG, RDI = 0, 4, 5
ROOT, ENTRY = 1, 0


def main():
    name, spec = (word.encode() + b"\0" for word in sys.argv[1:])
    with open("/proc/kallsyms", encoding="ascii") as symbols:
        address = next(int(line.split()[0], 16) for line in symbols
                       if line.split()[2] == "__udp4_lib_rcv")
    wire = nl_wire.Socket()
    [family] = wire.request(nl_wire.GENL_ID_CTRL, nl_wire.CTRL_CMD_GETFAMILY,
                            attr(2, b"droptrace\0"))
    family = number(dict(family.attrs())[1])
    [added] = wire.request(family, TRACE_ADD,
                           attr(NAME, name) + attr(SPEC, spec.replace(b"\\n", b"\n")))
    trace = attr(ID, dict(added.attrs())[ID])
    program = struct.pack("=II", 1, 2) + struct.pack("=BBhi", OP_REG, 0, 0, RDI) + bytes(8)
    point = struct.pack("=QIHhBB6x", address, NONE, 0, 0, ENTRY, NO_REG)
    wire.request(family, POINT_ADD, trace + attr(PROGS, program) +
                 attr(FRAMES, struct.pack("=QII", address, 0, ROOT)) + attr(POINTS, point))
    wire.request(family, POINT_ARM, trace)


main()
