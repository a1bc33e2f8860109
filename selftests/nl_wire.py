# SPDX-License-Identifier: GPL-2.0-only
"""Generic netlink by hand, and KTAP output, for the tests written in Python.

Nothing is known here of droptrace: names of attributes come from the caller,
who has them from the specification.
"""

import os
import socket
import struct
import sys
import traceback

NETLINK_GENERIC = 16
SOL_NETLINK = 270
NETLINK_EXT_ACK = 11
NETLINK_CAP_ACK = 10

NLM_F_REQUEST = 1
NLM_F_ACK = 4
NLM_F_DUMP = 0x300
NLMSG_ERROR = 2
NLMSG_DONE = 3

GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY = 3
CTRL_CMD_GETPOLICY = 10

HEADER = struct.Struct("=IHHII")
GENL_HEADER = struct.Struct("=BBH")
TYPE_MASK = 0x3FFF


def attr(kind, data):
    """One attribute as bytes, padded."""
    length = 4 + len(data)
    return struct.pack("=HH", length, kind) + data + bytes(-length % 4)


def attrs(data):
    """The attributes in some bytes, as (type, bytes)."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4 or length > len(data):
            raise ValueError(f"attribute of length {length} in {len(data)} bytes")
        yield kind & TYPE_MASK, data[4:length]
        data = data[length + 3 & ~3:]
    if data:
        raise ValueError(f"{len(data)} bytes behind the last attribute")


def number(data):
    return int.from_bytes(data, sys.byteorder)


class Refused(Exception):
    def __init__(self, code):
        super().__init__(os.strerror(code))
        self.errno = code


class Message:
    """A message of a family."""

    def __init__(self, command, version, payload):
        self.command = command
        self.version = version
        self.payload = payload

    def attrs(self):
        return list(attrs(self.payload))


class Socket:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.bind((0, 0))
        self.socket.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.socket.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.socket.settimeout(10)
        self.sequence = 0
        self.notifications = []

    def close(self):
        self.socket.close()

    def receive(self):
        """Messages of one datagram, as (type, sequence number, bytes)."""
        data = self.socket.recv(1 << 17)
        while data:
            length, kind, _, sequence, _ = HEADER.unpack_from(data)
            yield kind, sequence, data[HEADER.size:length]
            data = data[length + 3 & ~3:]

    def request(self, family, command, payload=b"", dump=False, version=1):
        """The answers to a request."""
        self.sequence += 1
        body = GENL_HEADER.pack(command, version, 0) + payload
        flags = NLM_F_REQUEST | (NLM_F_DUMP if dump else NLM_F_ACK)
        self.socket.send(HEADER.pack(HEADER.size + len(body), family, flags, self.sequence, 0) + body)
        answers = []
        while True:
            for kind, sequence, data in self.receive():
                if kind in (NLMSG_ERROR, NLMSG_DONE) and sequence == self.sequence:
                    code = struct.unpack_from("=i", data)[0]
                    if code < 0:
                        raise Refused(-code)
                    return answers
                self.take(answers if sequence == self.sequence else self.notifications, data)

    def take(self, to, data):
        command, version, _ = GENL_HEADER.unpack_from(data)
        to.append(Message(command, version, data[GENL_HEADER.size:]))

    def await_notification(self, command):
        """Waits for a notification, and takes it off the list."""
        while True:
            for message in self.notifications:
                if message.command == command:
                    self.notifications.remove(message)
                    return message
            for _, _, data in self.receive():
                self.take(self.notifications, data)


def run(tests):
    """Runs the tests and prints KTAP; a test fails by an exception."""
    failed = 0
    print("TAP version 13")
    print(f"1..{len(tests)}")
    for count, test in enumerate(tests, 1):
        name = test.__name__
        try:
            test()
            print(f"ok {count} {name}", flush=True)
        except Exception as why:  # pylint: disable=broad-except
            failed += 1
            if not isinstance(why, AssertionError):
                print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="")
            for line in str(why).splitlines():
                print(f"# {line}")
            print(f"not ok {count} {name}", flush=True)
    return 1 if failed else 0
