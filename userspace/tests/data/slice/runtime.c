// SPDX-License-Identifier: GPL-2.0-only
/* What the cases call and what is not recorded, and the choice of a case. */
#include "kern.h"

extern int strcmp(const char *a, const char *b);
extern const struct packet_case __start_packet_cases[];
extern const struct packet_case __stop_packet_cases[];

int lock;
int counters[64];
struct net_device test_dev;
struct in_device test_in_dev;
struct sock test_sock;
struct dst_entry test_dst;
static struct sk_buff the_skb;
static struct iphdr the_header[4];

noinline void kfree_skb(struct sk_buff *skb)
{
	__asm__ volatile("" ::"r"(skb) : "memory");
}

noinline void kfree_skb_reason(struct sk_buff *skb, int reason)
{
	__asm__ volatile("" ::"r"(skb), "r"(reason) : "memory");
}

noinline void consume_skb(struct sk_buff *skb)
{
	__asm__ volatile("" ::"r"(skb) : "memory");
}

noinline void _raw_spin_lock(void *at)
{
	__asm__ volatile("" ::"r"(at) : "memory");
}

noinline void _raw_spin_unlock(void *at)
{
	__asm__ volatile("" ::"r"(at) : "memory");
}

noinline void printk(const char *text)
{
	__asm__ volatile("" ::"r"(text) : "memory");
}

noinline int deliver(struct sk_buff *skb)
{
	__asm__ volatile("" ::"r"(skb) : "memory");
	return 0;
}

noinline int netif_rx(struct sk_buff *skb)
{
	__asm__ volatile("" ::"r"(skb) : "memory");
	return 0;
}

noinline void statistics(int *counter)
{
	++*(volatile int *)counter;
}

noinline int opaque(int value)
{
	__asm__ volatile("" : "+r"(value));
	return value;
}

noinline void *opaque_pointer(void *pointer)
{
	__asm__ volatile("" : "+r"(pointer));
	return pointer;
}

struct sk_buff *new_skb(void)
{
	the_header[0].version_ihl = 0x45;
	the_header[0].tot_len = htons(64);
	the_header[0].ttl = 64;
	the_header[0].protocol = 89;
	the_header[0].saddr = 0x04020a0a;
	the_header[0].daddr = 0x050000e0;
	the_skb.data = (u8 *)the_header;
	the_skb.len = 64;
	the_skb.protocol = 8;
	the_skb.dev = &test_dev;
	test_dev.ifindex = 2;
	test_dev.flags = 1;
	test_dev.mtu = 1500;
	test_dev.ip_ptr = &test_in_dev;
	test_in_dev.dev = &test_dev;
	test_sock.rcvbuf = 1000;
	return &the_skb;
}

int main(int argc, char **argv)
{
	const struct packet_case *at;

	for (at = __start_packet_cases; at != __stop_packet_cases; at++) {
		if (argc > 1 && !strcmp(at->name, argv[1])) {
			__asm__ volatile("int3");
			at->run();
			return 0;
		}
	}
	return 2;
}
