// SPDX-License-Identifier: GPL-2.0-only
/* Verdicts, hooks, sockets, queues. */
#include "kern.h"

#define NF_DROP 0
#define NF_ACCEPT 1
#define NF_STOLEN 2
#define NF_QUEUE 3

typedef unsigned int nf_hookfn(void *priv, struct sk_buff *skb);

struct hook_entry {
	nf_hookfn *hook;
	void *priv;
};

static noinline unsigned int hook_accept(void *priv, struct sk_buff *skb)
{
	counters[0] += skb->len;
	return NF_ACCEPT;
}

static noinline unsigned int hook_mark(void *priv, struct sk_buff *skb)
{
	if (skb->mark == *(u32 *)priv) /* DECIDES hook_verdict */
		return NF_DROP;
	return NF_ACCEPT;
}

/* A verdict switch over the results of indirect calls. */
static noinline int hook_slow(struct sk_buff *skb, struct hook_entry *entries, int count)
{
	unsigned int verdict;
	int ret;
	int i;

	for (i = 0; i < count; i++) {
		verdict = entries[i].hook(entries[i].priv, skb);
		switch (verdict & 0xff) {
		case NF_ACCEPT:
			break;
		case NF_DROP:
			kfree_skb_reason(skb, 4);
			ret = -(verdict >> 16);
			if (ret == 0)
				ret = -EPERM;
			return ret;
		case NF_QUEUE:
			ret = netif_rx(skb);
			if (ret == 1)
				continue;
			return ret;
		default:
			return 0;
		}
	}
	return 1;
}

static noinline int hook_verdict(struct sk_buff *skb)
{
	static u32 mark = 42;
	struct hook_entry entries[3] = {
		{ hook_accept, NULL }, { hook_mark, &mark }, { hook_accept, NULL }
	};

	return hook_slow(skb, opaque_pointer(entries), 3) + 1;
}

PACKET_CASE(hook_verdict)
{
	struct sk_buff *skb = new_skb();

	skb->mark = 42;
	opaque(hook_verdict(skb));
}

/* A table of rules whose verdict is kept in a struct. */
struct verdict {
	int code;
	int chain;
};

struct regs {
	u32 data[16];
	struct verdict verdict;
};

struct rule {
	u32 offset;
	u32 value;
	int code;
	struct rule *next;
};

static noinline void eval_rule(const struct rule *rule, struct regs *regs, struct sk_buff *skb)
{
	const u32 *data = (const u32 *)(skb->data + rule->offset);

	regs->data[0] = *data;
	if (*data != rule->value) /* DECIDES chain_verdict */
		regs->verdict.code = -1;
	else
		regs->verdict.code = rule->code;
}

static noinline unsigned int do_chain(const struct rule *rule, struct sk_buff *skb)
{
	struct regs regs;

	regs.verdict.code = -2;
	for (; rule; rule = rule->next) {
		eval_rule(rule, &regs, skb);
		if (regs.verdict.code == -1)
			break;
	}
	if (regs.verdict.code == -1)
		return NF_DROP;
	return NF_ACCEPT;
}

static noinline int chain_verdict(struct sk_buff *skb, const struct rule *rules)
{
	if (do_chain(rules, skb) == NF_DROP) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(chain_verdict)
{
	static const struct rule second = { 16, 0x01010101, -3, NULL };
	static const struct rule first = { 12, 0x04020a0a, -3, (struct rule *)&second };

	opaque(chain_verdict(new_skb(), &first));
}

/* A queue that is full. */
static noinline int queue_rcv(struct sock *sk, struct sk_buff *skb)
{
	int err = -ENOMEM;
	int rmem = sk->rmem;

	if (rmem > sk->rcvbuf) /* DECIDES queue_full */
		goto drop;
	if (rmem + (int)skb->len > sk->rcvbuf * 2)
		goto drop;
	sk->rmem += skb->len;
	return 0;
drop:
	sk->drops++;
	return err;
}

static noinline int queue_full(struct sock *sk, struct sk_buff *skb)
{
	int rc = queue_rcv(sk, skb);

	if (rc < 0) {
		if (rc == -ENOMEM)
			statistics(&counters[11]);
		kfree_skb(skb);
		return -1;
	}
	return 0;
}

PACKET_CASE(queue_full)
{
	struct sk_buff *skb = new_skb();

	test_sock.rmem = 5000;
	opaque(queue_full(&test_sock, skb));
}

/* A socket filter that is called through a pointer. */
static noinline int port_filter(struct sock *sk, struct sk_buff *skb)
{
	const struct udphdr *uh = (const struct udphdr *)(skb->data + 20);

	if (uh->dest == sk->port) /* DECIDES socket_filter */
		return 0;
	return skb->len;
}

static noinline int filter_trim(struct sock *sk, struct sk_buff *skb)
{
	int err = 0;

	if (sk->filter) {
		int pkt_len = sk->filter(sk, skb);

		err = pkt_len ? 0 : -EPERM;
	}
	return err;
}

static noinline int socket_filter(struct sock *sk, struct sk_buff *skb)
{
	if (filter_trim(sk, skb))
		goto drop;
	return deliver(skb);
drop:
	statistics(&counters[12]);
	kfree_skb(skb);
	return -1;
}

PACKET_CASE(socket_filter)
{
	struct sk_buff *skb = new_skb();

	test_sock.filter = port_filter;
	opaque(socket_filter(&test_sock, skb));
}

/* No socket in the table. */
static noinline struct sock *lookup(struct sock *table, u16 port)
{
	struct sock *sk;
	struct sock *best = NULL;

	for (sk = table; sk; sk = sk->next) { /* DECIDES no_listener */
		if (sk->port == port) { /* OR no_listener */
			best = sk;
			break;
		}
	}
	return best;
}

static noinline int no_listener(struct sk_buff *skb, struct sock *table)
{
	struct sock *sk = lookup(table, skb->mark);

	if (sk)
		return deliver(skb);
	statistics(&counters[13]);
	kfree_skb(skb);
	return 0;
}

PACKET_CASE(no_listener)
{
	static struct sock first = { .port = 5 };
	static struct sock second = { .port = 6, .next = &first };
	struct sk_buff *skb = new_skb();

	skb->mark = 7;
	opaque(no_listener(skb, &second));
}

/* A list of packets freed after the lock. */
static noinline void enqueue(struct sk_buff *skb, struct sock *sk, struct sk_buff **to_free)
{
	if (sk->backlog_len >= sk->rcvbuf) { /* DECIDES free_list */
		skb->next = *to_free;
		*to_free = skb;
		return;
	}
	sk->backlog_len++;
}

static noinline int free_list(struct sk_buff *skb, struct sock *sk)
{
	struct sk_buff *to_free = NULL;

	_raw_spin_lock(&lock);
	enqueue(skb, sk, &to_free);
	_raw_spin_unlock(&lock);
	if (to_free)
		kfree_skb(to_free);
	return 0;
}

PACKET_CASE(free_list)
{
	struct sk_buff *skb = new_skb();

	test_sock.backlog_len = 5000;
	opaque(free_list(skb, &test_sock));
}

/* Spills: many values live across calls. */
static noinline int level_check(struct sk_buff *skb)
{
	if (skb->dev->ifindex == 2) /* DECIDES spills */
		return -EINVAL;
	return 0;
}

static noinline int many_values(struct sk_buff *skb, int a, int b, int c, int d, int e)
{
	int f = opaque(a), g = opaque(b), h = opaque(c), i = opaque(d), j = opaque(e);
	int k = opaque(f + g), l = opaque(h + i), m = opaque(j);
	int err = level_check(skb);

	statistics(&counters[f & 7]);
	statistics(&counters[g & 7]);
	statistics(&counters[h & 7]);
	counters[20] = opaque(i + j + k + l + m);
	if (err)
		goto drop;
	return f + g + h + i + j + k + l + m + a + b + c + d + e;
drop:
	counters[21] = f * g + h * i + j * k + l * m + a * b * c * d * e;
	kfree_skb(skb);
	return 1;
}

PACKET_CASE(spills)
{
	opaque(many_values(new_skb(), 1, 2, 3, 4, 5));
}

/* rx handler: a verdict by value. */
enum rx_result { RX_CONSUMED, RX_ANOTHER, RX_EXACT, RX_PASS };

static noinline enum rx_result handle_frame(struct sk_buff **pskb)
{
	struct sk_buff *skb = *pskb;

	if (skb->pkt_type == 5)
		return RX_PASS;
	if (skb->dev->flags & 8)
		return RX_ANOTHER;
	if (skb->dev->priv_flags != 0) { /* DECIDES rx_handler */
		kfree_skb(skb);
		return RX_CONSUMED;
	}
	return RX_PASS;
}

static noinline int rx_handler(struct sk_buff *skb)
{
	switch (handle_frame(&skb)) {
	case RX_CONSUMED:
		return 0;
	case RX_ANOTHER:
		return netif_rx(skb);
	default:
		return deliver(skb);
	}
}

PACKET_CASE(rx_handler)
{
	struct sk_buff *skb = new_skb();

	test_dev.priv_flags = 64;
	opaque(rx_handler(skb));
}

/* A clone is made, the original freed by a function that frees always. */
static noinline int checksum_complete(struct sk_buff *skb)
{
	u32 sum = 0;
	u32 i;

	for (i = 0; i < 16; i++)
		sum += skb->data[i] << (i & 3);
	return sum & 0xffff;
}

static noinline int checksum(struct sk_buff *skb)
{
	if (skb->ip_summed == 0 && checksum_complete(skb)) /* DECIDES checksum */
		goto csum_error;
	return deliver(skb);
csum_error:
	statistics(&counters[2]);
	kfree_skb(skb);
	return 0;
}

PACKET_CASE(checksum)
{
	opaque(checksum(new_skb()));
}

/* State machine: jumps through a table. */
static noinline int by_state(struct sock *sk, struct sk_buff *skb)
{
	switch (sk->state) { /* DECIDES state_machine */
	case 1:
		return deliver(skb);
	case 2:
		statistics(&counters[1]);
		return netif_rx(skb);
	case 3:
		statistics(&counters[2]);
		break;
	case 4:
		statistics(&counters[3]);
		return 0;
	case 5:
		statistics(&counters[4]);
		return netif_rx(skb) + 1;
	case 6:
		statistics(&counters[5]);
		return deliver(skb) + 2;
	case 7:
		statistics(&counters[6]);
		return deliver(skb) + 3;
	default:
		return 7;
	}
	kfree_skb(skb);
	return 0;
}

PACKET_CASE(state_machine)
{
	struct sk_buff *skb = new_skb();

	test_sock.state = 3;
	opaque(by_state(&test_sock, skb));
}

/* pskb_may_pull(): an inlined check with a slow path. */
static noinline void *pull_tail(struct sk_buff *skb, int delta)
{
	if (skb->data_len < (u32)delta)
		return NULL;
	return skb->data;
}

static inline bool may_pull(struct sk_buff *skb, unsigned int len)
{
	if (likely(len <= skb->len - skb->data_len))
		return true;
	if (unlikely(len > skb->len)) /* OR short_packet */
		return false;
	return pull_tail(skb, len - (skb->len - skb->data_len)) != NULL;
}

static noinline int short_packet(struct sk_buff *skb)
{
	if (!may_pull(skb, 20)) /* DECIDES short_packet */
		goto drop;
	if (skb->data[0] != 0x45)
		goto drop;
	return deliver(skb);
drop:
	kfree_skb(skb);
	return 0;
}

PACKET_CASE(short_packet)
{
	struct sk_buff *skb = new_skb();

	skb->len = 10;
	opaque(short_packet(skb));
}

/* The argument of a helper says what to do; it is always the same. */
static noinline int helper(struct sk_buff *skb, bool strict, u32 limit)
{
	if (skb->len > limit && strict) { /* DECIDES given_argument */
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

static noinline int given_argument(struct sk_buff *skb)
{
	statistics(&counters[3]);
	return helper(skb, true, skb->dev->mtu) + 1;
}

PACKET_CASE(given_argument)
{
	struct sk_buff *skb = new_skb();

	helper(skb, opaque(0), 60);
	test_dev.mtu = 20;
	opaque(given_argument(skb));
}

/* The argument varies: the caller chose. */
static noinline int apply(struct sk_buff *skb, int action)
{
	if (action == 2) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

static noinline int varying_argument(struct sk_buff *skb)
{
	int action = 0;

	if (skb->mark == 9)
		action = 1;
	if (skb->dev->flags & 0x100) /* DECIDES varying_argument */
		action = 2;
	statistics(&counters[3]);
	return apply(skb, action) + 1;
}

PACKET_CASE(varying_argument)
{
	struct sk_buff *skb = new_skb();

	test_dev.flags = 0x100;
	opaque(varying_argument(skb));
}

/* Two conditions without jumps between them. */
static noinline int merged_conditions(struct sk_buff *skb)
{
	bool bad = (skb->pkt_type == 3) | (skb->ip_summed == 2); /* DECIDES merged_conditions */

	statistics(&counters[5]);
	if (bad)
		goto drop; /* OR merged_conditions */
	return deliver(skb);
drop:
	kfree_skb(skb);
	return 0;
}

PACKET_CASE(merged_conditions)
{
	struct sk_buff *skb = new_skb();

	skb->ip_summed = 2;
	opaque(merged_conditions(skb));
}
