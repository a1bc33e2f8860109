/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frames byte by byte: headers are appended from the outermost to the innermost,
 * and wire_end() fills in what depends on what follows (lengths, checksums).
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define WIRE_MAX	9000
#define WIRE_DEPTH	8

struct wire {
	__u8 data[WIRE_MAX];
	size_t len;
	struct {
		size_t at;
		int kind;
	} open[WIRE_DEPTH];	/* headers to be completed */
	unsigned int nr_open;
};

#define IPV4(a, b, c, d) ((__u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))

void wire_bytes(struct wire *wire, const void *bytes, size_t len);
void wire_zeros(struct wire *wire, size_t len);
void wire_u8(struct wire *wire, __u8 value);
void wire_be16(struct wire *wire, __u16 value);
void wire_be32(struct wire *wire, __u32 value);

void wire_ethernet(struct wire *wire, __u64 to, __u64 from, __u16 type);
void wire_vlan(struct wire *wire, __u16 tci, __u16 type);
/* Options are zeros, @options bytes of them. */
void wire_ipv4(struct wire *wire, __u8 protocol, __u32 from, __u32 to, unsigned int options);
/* Addresses are ::@from and ::@to. */
void wire_ipv6(struct wire *wire, __u8 next, __u32 from, __u32 to);
void wire_udp(struct wire *wire, __u16 from, __u16 to);
void wire_tcp(struct wire *wire, __u16 from, __u16 to);
void wire_gre(struct wire *wire, __u16 flags, __u16 type);
void wire_vxlan(struct wire *wire, __u8 flags);
void wire_geneve(struct wire *wire, unsigned int options, __u8 version, __u16 type);

/* Completes the headers; nothing may be appended after. */
void wire_end(struct wire *wire);

#endif /* WIRE_H */
