/* SPDX-License-Identifier: GPL-2.0-only */
/* A small likeness of the kernel's networking types, for code that drops packets. */
#ifndef KERN_H
#define KERN_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

#define EPERM 1
#define ENOENT 2
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EINVAL 22
#define EXDEV 18
#define ENETUNREACH 101
#define EHOSTUNREACH 113
#define EMSGSIZE 90

#define noinline __attribute__((noinline, noclone))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define IS_ERR(p) ((unsigned long)(p) >= (unsigned long)-4095)
#define PTR_ERR(p) ((long)(p))
#define ERR_PTR(e) ((void *)(long)(e))
#define htons(x) ((u16)(((x) << 8) | ((x) >> 8)))

struct list_head {
	struct list_head *next, *prev;
};

struct in_ifaddr {
	struct in_ifaddr *next;
	u32 local;
	u32 mask;
};

struct ip_mc_list {
	struct ip_mc_list *next;
	u32 multiaddr;
	u32 users;
	struct ip_sf_list *sources;
};

struct ip_sf_list {
	struct ip_sf_list *next;
	u32 inaddr;
	int include;
};

struct in_device {
	struct net_device *dev;
	struct in_ifaddr *ifa_list;
	struct ip_mc_list *mc_list;
	struct ip_mc_list **mc_hash;
	int forwarding;
	int rp_filter;
	int accept_local;
	int mforward;
};

struct net_device {
	char name[16];
	int ifindex;
	u32 flags;
	u32 priv_flags;
	u32 mtu;
	struct in_device *ip_ptr;
	struct qdisc *qdisc;
	u64 dropped;
};

struct sk_buff;

struct dst_entry {
	int (*input)(struct sk_buff *skb);
	int (*output)(struct sk_buff *skb);
	int error;
	u32 flags;
	struct net_device *dev;
};

struct sock {
	int state;
	int rcvbuf;
	int rmem;
	int backlog_len;
	int (*filter)(struct sock *sk, struct sk_buff *skb);
	int (*backlog_rcv)(struct sock *sk, struct sk_buff *skb);
	int bound;
	struct sock *next;
	u16 port;
	u64 drops;
};

struct sk_buff {
	struct sk_buff *next;
	struct net_device *dev;
	struct sock *sk;
	struct dst_entry *dst;
	u8 *data;
	u32 len;
	u32 data_len;
	u16 protocol;
	u8 pkt_type;
	u8 ip_summed;
	u32 mark;
	u32 csum;
	u32 verdict;
	char cb[48];
};

struct iphdr {
	u8 version_ihl;
	u8 tos;
	u16 tot_len;
	u16 id;
	u16 frag_off;
	u8 ttl;
	u8 protocol;
	u16 check;
	u32 saddr;
	u32 daddr;
};

struct udphdr {
	u16 source;
	u16 dest;
	u16 len;
	u16 check;
};

static inline struct iphdr *ip_hdr(const struct sk_buff *skb)
{
	return (struct iphdr *)skb->data;
}

static inline bool ipv4_is_multicast(u32 addr)
{
	return (addr & 0xf0) == 0xe0;
}

static inline bool ipv4_is_local_multicast(u32 addr)
{
	return (addr & 0x00ffffff) == 0xe0;
}

static inline bool ipv4_is_loopback(u32 addr)
{
	return (addr & 0xff) == 127;
}

/* runtime.c: not recorded. */
void kfree_skb(struct sk_buff *skb);
void kfree_skb_reason(struct sk_buff *skb, int reason);
void consume_skb(struct sk_buff *skb);
void _raw_spin_lock(void *lock);
void _raw_spin_unlock(void *lock);
void printk(const char *text);
int deliver(struct sk_buff *skb);
int netif_rx(struct sk_buff *skb);
void statistics(int *counter);
int opaque(int value);
void *opaque_pointer(void *pointer);
extern int lock;
extern int counters[64];

struct packet_case {
	const char *name;
	void (*run)(void);
};

#define PACKET_CASE(function)                                                   \
	static void run_##function(void);                                       \
	static const struct packet_case case_##function                         \
		__attribute__((used, section("packet_cases"), aligned(16))) = { \
			#function, run_##function };                             \
	static void run_##function(void)

/* A packet to 224.0.0.5 from 10.10.2.4. */
struct sk_buff *new_skb(void);
extern struct net_device test_dev;
extern struct in_device test_in_dev;
extern struct sock test_sock;
extern struct dst_entry test_dst;

#endif
