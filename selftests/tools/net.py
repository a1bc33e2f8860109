#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Makes the packets of the selftests, in any network namespace.

Reads Python statements, one a line, and answers each with a line: "ok" and what
the statement's value is, or "error" and why. So one process serves a whole test,
and a test says in its own lines what it sends:

    udp("r1", "10.77.0.2", 9)                        # a datagram, the usual way
    frame("r1", "a0", eth("02:00:00:00:00:02", 0x0800, ip4(..., tcp(...))))

It stays on one CPU, so that packets are dropped in the order in which they are
sent. Namespaces are named as by "ip netns"; "" is the one it was started in.
"""
import ctypes
import fcntl
import os
import socket
import struct
import sys

CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
ETH_IP, ETH_ARP, ETH_IP6, ETH_VLAN = 0x0800, 0x0806, 0x86DD, 0x8100
BROADCAST = "ff:ff:ff:ff:ff:ff"

libc = ctypes.CDLL(None, use_errno=True)
kept = []  # what must stay open


def enter(netns):
    path = f"/run/netns/{netns}" if netns else "/proc/1/ns/net"
    with open(path) as file:
        if libc.setns(file.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {path}")


def in_netns(netns, *args):
    """A socket in that namespace; it stays there wherever this process goes."""
    enter(netns)
    return socket.socket(*args)


# --- packets, as bytes -------------------------------------------------------

def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def hardware(text):
    return bytes.fromhex(text.replace(":", ""))


def eth(dst, ethertype, payload, src="02:00:00:00:00:99"):
    return hardware(dst) + hardware(src) + struct.pack("!H", ethertype) + payload


def vlan(vid, ethertype, payload):
    """What follows an EtherType of 0x8100."""
    return struct.pack("!HH", vid, ethertype) + payload


def ip4(src, dst, proto, payload, ttl=64, length=None, bad=0, first=0x45, frag=0, options=b""):
    if options:
        first = 0x45 + len(options) // 4
    head = struct.pack("!BBHHHBBH", first, 0, length or 20 + len(options) + len(payload), 0x7777,
                       frag, ttl, proto, 0)
    head += address(src) + address(dst) + options
    total = (checksum(head) + bad) & 0xFFFF
    return head[:10] + struct.pack("!H", total) + head[12:] + payload


def ip6(src, dst, proto, payload, hops=64):
    return (struct.pack("!IHBB", 6 << 28, len(payload), proto, hops) + address(src) +
            address(dst) + payload)


def pseudo(src, dst, proto, data):
    src, dst = address(src), address(dst)
    if len(src) == 4:
        return src + dst + struct.pack("!BBH", 0, proto, len(data))
    return src + dst + struct.pack("!II", len(data), proto)


def udp_head(src, dst, sport, dport, payload=b"droptrace", bad=0):
    data = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload
    total = checksum(pseudo(src, dst, 17, data) + data) or 0xFFFF
    return data[:6] + struct.pack("!H", (total + bad) & 0xFFFF) + data[8:]


def tcp_head(src, dst, sport, dport, flags=2, bad=0):
    data = struct.pack("!HHIIBBHHH", sport, dport, 1000, 0, 0x50, flags, 1024, 0, 0)
    total = checksum(pseudo(src, dst, 6, data) + data)
    return data[:16] + struct.pack("!H", (total + bad) & 0xFFFF) + data[18:]


def udp4(src, dst, sport, dport, payload=b"droptrace", bad=0, **ip):
    """A whole IPv4 packet with a datagram."""
    return ip4(src, dst, 17, udp_head(src, dst, sport, dport, payload, bad), **ip)


def tcp4(src, dst, sport, dport, flags=2, bad=0, **ip):
    return ip4(src, dst, 6, tcp_head(src, dst, sport, dport, flags, bad), **ip)


def udp6(src, dst, sport, dport, payload=b"droptrace", bad=0, **ip):
    return ip6(src, dst, 17, udp_head(src, dst, sport, dport, payload, bad), **ip)


def ospf_hello(router="10.77.0.1"):
    body = struct.pack("!4sHBBI4s4s", address("255.255.255.0"), 10, 2, 1, 40, bytes(4), bytes(4))
    head = struct.pack("!BBH4s4s", 2, 1, 24 + len(body), address(router), bytes(4))
    total = checksum(head + bytes(4) + body)
    return head + struct.pack("!HH", total, 0) + bytes(8) + body


def arp(sender, target, hln=6, op=1):
    return (struct.pack("!HHBBH", 1, ETH_IP, hln, 4, op) + hardware("02:00:00:00:00:99") +
            address(sender) + bytes(6) + address(target))


def timestamps(value, echo):
    return struct.pack("!BBBBII", 1, 1, 8, 10, value & 0xFFFFFFFF, echo & 0xFFFFFFFF)


def segment(src, dst, sport, dport, seq=1000, ack=0, flags=0x10, window=1024, options=b"", payload=b""):
    """A TCP segment with everything to choose."""
    data = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                       (20 + len(options)) // 4 << 4, flags, window, 0, 0) + options + payload
    total = checksum(pseudo(src, dst, 6, data) + data)
    return data[:16] + struct.pack("!H", total) + data[18:]


def icmp(kind, code=0, rest=bytes(4), payload=b"droptrace", bad=0):
    data = struct.pack("!BBH", kind, code, 0) + rest + payload
    return data[:2] + struct.pack("!H", (checksum(data) + bad) & 0xFFFF) + data[4:]


def icmp6(src, dst, kind, code=0, rest=bytes(4), payload=b"", bad=0):
    data = struct.pack("!BBH", kind, code, 0) + rest + payload
    total = checksum(pseudo(src, dst, 58, data) + data)
    return data[:2] + struct.pack("!H", (total + bad) & 0xFFFF) + data[4:]


def udplite_head(src, dst, sport, dport, coverage, payload=bytes(200)):
    data = struct.pack("!HHHH", sport, dport, coverage, 0)
    covered = (data + payload)[:coverage or None]
    length = len(data) + len(payload)
    total = checksum(address(src) + address(dst) + struct.pack("!BBH", 0, 136, length) + covered)
    return data[:6] + struct.pack("!H", total or 0xFFFF) + payload


# --- sending -----------------------------------------------------------------

def frame(netns, dev, data, count=1):
    """Frames through a device, as they are."""
    with in_netns(netns, socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
        sock.bind((dev, 0))
        for _ in range(count):
            sock.send(data)


def into(data, dst="02:00:00:00:00:02", ethertype=ETH_IP):
    """An IPv4 packet, as it stands on the wire, from d1 into d2."""
    frame("d1", "a0", eth(dst, ethertype, data))


def udp(netns, dst, dport, sport=0, size=9, count=1, mark=0):
    """Datagrams by the usual way. What the peer answers is not read."""
    family = socket.AF_INET6 if ":" in dst else socket.AF_INET
    with in_netns(netns, family, socket.SOCK_DGRAM) as sock:
        if sport:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("", sport))
        if mark:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
        for _ in range(count):
            sock.sendto(bytes(size), (dst, dport))


def raw(netns, dst, proto, data, dev=None, count=1):
    """The payload of IPv4 packets; multicast leaves through `dev`."""
    with in_netns(netns, socket.AF_INET, socket.SOCK_RAW, proto) as sock:
        if dev:
            index = struct.pack("4s4si", bytes(4), bytes(4), socket.if_nametoindex(dev))
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, index)
        for _ in range(count):
            sock.sendto(data, (dst, 0))


def connect(netns, dst, port):
    """What became of a TCP connection, which is closed at once."""
    with in_netns(netns, socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(20)
        try:
            sock.connect((dst, port))
        except OSError as error:
            return type(error).__name__
    return "connected"


def listen(netns, kind, port, rcvbuf=0, min_ttl=0, reject=False):
    """A socket that is open and never read: "udp", "udp6", "tcp", or "raw" and a protocol,
    "packet" and an EtherType. `reject`: with a filter that takes nothing."""
    if kind == "raw":
        sock = in_netns(netns, socket.AF_INET, socket.SOCK_RAW, port)
    elif kind == "packet":
        sock = in_netns(netns, socket.AF_PACKET, socket.SOCK_RAW, socket.htons(port))
    else:
        sock = in_netns(netns, socket.AF_INET6 if kind.endswith("6") else socket.AF_INET,
                        socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    if rcvbuf:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    if min_ttl:
        sock.setsockopt(socket.IPPROTO_IP, 21, min_ttl)  # IP_MINTTL
    if reject:
        program = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0))  # return 0
        sock.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HL", 1, ctypes.addressof(program)))
    if kind not in ("raw", "packet"):
        sock.bind(("", port))
        if kind == "tcp":
            sock.listen()
    kept.append(sock)


def join(netns, groups):
    """Memberships of IPv4 groups, by the first device of that address."""
    joined = in_netns(netns, socket.AF_INET, socket.SOCK_DGRAM)
    for group, device in groups:
        joined.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                          socket.inet_aton(group) + socket.inet_aton(device))
    kept.append(joined)


def offload(netns, dev, what, on):
    """"gro" of veth: packets are delivered in lists (since 5.13), if its peer has no "tso"."""
    value = ctypes.create_string_buffer(struct.pack("=II", {"gro": 0x2C, "tso": 0x1F}[what], on))
    request = struct.pack("16sQ16x", dev.encode(), ctypes.addressof(value))
    fcntl.ioctl(in_netns(netns, socket.AF_INET, socket.SOCK_DGRAM), SIOCETHTOOL, request)


def unix_unread(data):
    """A datagram that is lost with its socket: a drop that is no packet."""
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.send(data)
    right.close()
    left.close()


def netlink_unread():
    """The answer to a request, lost with the socket that never read it."""
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    sock.bind((0, 0))
    sock.send(struct.pack("=IHHII", 32, 18, 0x1, 1, 0) + struct.pack("=BxHiII", 0, 0, 1, 0, 0))
    sock.close()


pairs = {}


def pair(port):
    """An established connection from d1 to that port of d2; forged() speaks for its client."""
    server = in_netns("d2", socket.AF_INET, socket.SOCK_STREAM)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("10.77.0.2", port))
    server.listen()
    client = in_netns("d1", socket.AF_INET, socket.SOCK_STREAM)
    client.settimeout(20)
    client.connect(("10.77.0.2", port))
    accepted, _ = server.accept()
    state = {"client": client, "server": accepted, "listener": server, "sport": client.getsockname()[1]}
    client.setsockopt(socket.IPPROTO_TCP, 19, 1)  # TCP_REPAIR
    for queue, name in ((1, "rcv"), (2, "snd")):
        client.setsockopt(socket.IPPROTO_TCP, 20, queue)
        state[name] = client.getsockopt(socket.IPPROTO_TCP, 21) & 0xFFFFFFFF
    state["ts"] = client.getsockopt(socket.IPPROTO_TCP, 24)
    client.setsockopt(socket.IPPROTO_TCP, 19, -1)
    pairs[port] = state


def forged(port, seq=0, ack=0, flags=0x10, ts=0, tsecr=0, payload=b"", window=1024):
    """A segment of the pair's client; seq, ack and timestamps relative to what would be right."""
    state = pairs[port]
    into(ip4("10.77.0.1", "10.77.0.2", 6, segment(
        "10.77.0.1", "10.77.0.2", state["sport"], port, state["snd"] + seq, state["rcv"] + ack, flags, window,
        timestamps(state["ts"] + ts, tsecr), payload)))


def udplite(port, coverage):
    sock = in_netns("d2", socket.AF_INET, socket.SOCK_DGRAM, 136)
    sock.setsockopt(136, 11, coverage)  # UDPLITE_RECV_CSCOV
    sock.bind(("", port))
    kept.append(sock)


idents = 0


def fragment(offset, more, data, ident):
    """A fragment of a datagram from d1 to d2; offset in octets."""
    packet = bytearray(ip4("10.77.0.1", "10.77.0.2", 17, data, frag=offset // 8 | (0x2000 if more else 0)))
    packet[4:6] = struct.pack("!H", ident)
    packet[10:12] = bytes(2)
    packet[10:12] = struct.pack("!H", checksum(bytes(packet[:20])))
    into(bytes(packet))


def short_end():
    """A last fragment that ends before what has come."""
    global idents
    idents += 1
    fragment(16, True, bytes(32), idents)
    fragment(8, False, bytes(8), idents)


def main():
    os.sched_setaffinity(0, {0})
    for line in sys.stdin:
        try:
            answer = eval(line, globals())
            print("ok" if answer is None else f"ok {answer}", flush=True)
        except Exception as error:  # whatever it is, the test has to know
            print(f"error {type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    main()
