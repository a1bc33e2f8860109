/* SPDX-License-Identifier: GPL-2.0-only */
/* Types that the tests of values share with the small object that they are read from. */
#pragma once

typedef unsigned int __be32;
typedef unsigned short __be16;
typedef unsigned char u8;
typedef unsigned int u32;

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

enum colour { COLOUR_RED = 1, COLOUR_GREEN = 2, COLOUR_NONE = -1 };

struct in6_addr {
	u8 bytes[16];
};

struct net_device {
	long before;
	char name[16];
	unsigned char dev_addr[6];
};

struct sk_buff {
	struct sk_buff *next;
	unsigned int len;
	unsigned char *head, *data;
	unsigned short network_header;
};

struct nf_hook_state {
	int hook;
};

struct pktinfo {
	long flags;
	struct sk_buff *skb;
};

struct outer_info {
	long flags;
	struct pktinfo *pkt;
};

struct item {
	int value;
	short little;
	unsigned char mac[6];
	__be32 saddr;
	__be16 dport;
	struct item *next;
	struct list_head node;
	struct hlist_node hnode;
	struct hlist_head heads;
	char name[16];
	unsigned int a : 3, b : 5;
	int c : 4;
	enum colour colour;
	union {
		int first;
		long second;
	};
	struct {
		int deep;
	};
	int numbers[4];
	int matrix[2][3];
	bool yes;
	struct in6_addr addr6;
	struct net_device *dev;
	void *opaque;
	int (*function)(int);
	const char *text;
};

struct iphdr {
	u8 ihl : 4, version : 4;
	u8 tos;
	__be16 tot_len;
	__be16 id;
	__be16 frag_off;
	u8 ttl;
	u8 protocol;
	__be16 check;
	__be32 saddr;
	__be32 daddr;
};

struct pair {
	int x, y;
};
