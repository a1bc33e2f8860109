// SPDX-License-Identifier: GPL-2.0-only
/* Longer functions, closer to those of the kernel. */
#include "kern.h"

#define SKB_DR_SET(name, reason) ((name) = (reason))
#define SKB_DR_OR(name, reason)                 \
	do {                                    \
		if ((name) == 2)                \
			(name) = (reason);      \
	} while (0)

#define INHDR 10
#define CSUM 11
#define PKT_TOO_SMALL 12
#define NOMEM 13
#define FILTER 14
#define NO_SOCKET 15
#define XFRM 16

static noinline u16 fast_csum(const void *iph, unsigned int ihl)
{
	const u16 *at = iph;
	u32 sum = 0;
	unsigned int i;

	for (i = 0; i < ihl * 2; i++)
		sum += at[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)~sum;
}

/* ip_rcv_core() */
static noinline struct sk_buff *rcv_core(struct sk_buff *skb, struct net_device *dev)
{
	const struct iphdr *iph;
	int drop_reason;
	u32 len;

	if (skb->pkt_type == 3) {
		statistics(&counters[0]);
		drop_reason = 20;
		goto drop;
	}
	statistics(&counters[1]);
	drop_reason = 2;
	if (skb->len < 20) /* DECIDES core_short */
		goto inhdr_error;
	iph = ip_hdr(skb);
	if ((iph->version_ihl & 15) < 5 || iph->version_ihl >> 4 != 4) /* DECIDES core_version */
		goto inhdr_error;
	counters[2 + (iph->tos & 3)] += 1;
	if (skb->len < (u32)(iph->version_ihl & 15) * 4)
		goto inhdr_error;
	iph = ip_hdr(skb);
	if (unlikely(fast_csum((const u8 *)iph, iph->version_ihl & 15))) /* DECIDES core_csum */
		goto csum_error;
	len = htons(iph->tot_len);
	if (skb->len < len) { /* DECIDES core_length */
		drop_reason = PKT_TOO_SMALL;
		statistics(&counters[8]);
		goto drop;
	} else if (len < (u32)(iph->version_ihl & 15) * 4) {
		goto inhdr_error;
	}
	skb->csum = len;
	return skb;

csum_error:
	drop_reason = CSUM;
	statistics(&counters[9]);
inhdr_error:
	if (drop_reason == 2)
		drop_reason = INHDR;
	statistics(&counters[10]);
drop:
	kfree_skb_reason(skb, drop_reason);
	return NULL;
}

static void fix_csum(struct sk_buff *skb)
{
	struct iphdr *iph = ip_hdr(skb);

	iph->check = 0;
	iph->check = fast_csum((const u8 *)iph, 5);
}

static noinline int rcv(struct sk_buff *skb)
{
	skb = rcv_core(skb, skb->dev);
	if (skb == NULL)
		return 1;
	return deliver(skb);
}

PACKET_CASE(core_short)
{
	struct sk_buff *skb = new_skb();

	skb->len = 12;
	opaque(rcv(skb));
}

PACKET_CASE(core_version)
{
	struct sk_buff *skb = new_skb();

	ip_hdr(skb)->version_ihl = 0x65;
	opaque(rcv(skb));
}

PACKET_CASE(core_csum)
{
	opaque(rcv(new_skb()));
}

PACKET_CASE(core_length)
{
	struct sk_buff *skb = new_skb();

	ip_hdr(skb)->tot_len = htons(1000);
	fix_csum(skb);
	opaque(rcv(skb));
}

/* ip_forward() */
static noinline bool exceeds_mtu(const struct sk_buff *skb, u32 mtu)
{
	if (skb->len <= mtu)
		return false;
	if (!(ip_hdr(skb)->frag_off & 0x40)) /* OR forward_mtu */
		return false;
	if (skb->ip_summed == 3 && skb->mark < mtu)
		return false;
	return true; /* DECIDES forward_mtu */
}

static noinline int forward(struct sk_buff *skb)
{
	struct dst_entry *dst = skb->dst;
	struct iphdr *iph;
	int reason = 2;
	u32 mtu;

	if (skb->pkt_type != 0) /* DECIDES forward_type */
		goto drop;
	if (unlikely(skb->sk))
		goto drop;
	if (opaque(skb->len) == 5)
		goto drop;
	iph = ip_hdr(skb);
	if (iph->ttl <= 1) /* DECIDES forward_ttl */
		goto too_many_hops;
	if (dst->flags & 2 && iph->tos == 7)
		goto sr_failed;
	mtu = dst->dev->mtu;
	if (exceeds_mtu(skb, mtu)) {
		statistics(&counters[20]);
		netif_rx(skb);
		reason = 30;
		goto drop;
	}
	if (skb->data_len > 100 && !opaque_pointer(skb)) {
		reason = NOMEM;
		goto drop;
	}
	iph->ttl--;
	return deliver(skb);

sr_failed:
	netif_rx(skb);
	goto drop;
too_many_hops:
	statistics(&counters[21]);
	netif_rx(skb);
	reason = 31;
drop:
	kfree_skb_reason(skb, reason);
	return 1;
}

static struct sk_buff *routed(void)
{
	struct sk_buff *skb = new_skb();

	test_dst.dev = &test_dev;
	skb->dst = &test_dst;
	return skb;
}

PACKET_CASE(forward_mtu)
{
	struct sk_buff *skb = routed();

	test_dev.mtu = 40;
	ip_hdr(skb)->frag_off = 0x40;
	opaque(forward(skb));
}

PACKET_CASE(forward_type)
{
	struct sk_buff *skb = routed();

	skb->pkt_type = 1;
	opaque(forward(skb));
}

PACKET_CASE(forward_ttl)
{
	struct sk_buff *skb = routed();

	ip_hdr(skb)->ttl = 1;
	opaque(forward(skb));
}

/* udp_queue_rcv_one_skb() */
static noinline int policy_check(struct sock *sk, struct sk_buff *skb)
{
	return skb->mark != 0x77; /* DECIDES udp_policy */
}

static noinline int rcv_queue(struct sock *sk, struct sk_buff *skb)
{
	int rmem = sk->rmem, err = -ENOMEM;
	unsigned int size;

	if (rmem > sk->rcvbuf) /* DECIDES udp_rcvbuf */
		goto drop;
	size = skb->len + 512;
	rmem = __sync_add_and_fetch(&sk->rmem, size);
	if (rmem > (int)(size / 2 + (unsigned int)sk->rcvbuf)) /* DECIDES udp_rcvbuf_now */
		goto uncharge_drop;
	_raw_spin_lock(&lock);
	if (sk->backlog_len > 10 && opaque(1)) {
		err = -105;
		_raw_spin_unlock(&lock);
		goto uncharge_drop;
	}
	sk->backlog_len++;
	_raw_spin_unlock(&lock);
	return 0;

uncharge_drop:
	__sync_sub_and_fetch(&sk->rmem, size);
drop:
	__sync_add_and_fetch(&sk->drops, 1);
	return err;
}

static noinline int udp_queue(struct sock *sk, struct sk_buff *skb)
{
	int drop_reason = 2;

	if (!policy_check(sk, skb)) {
		drop_reason = XFRM;
		goto drop;
	}
	if (sk->bound & 4) {
		if (sk->filter && sk->filter(sk, skb))
			return 0;
		statistics(&counters[30]);
	}
	if (sk->bound & 8 && skb->ip_summed == 0) {
		if (skb->len < 10)
			goto drop;
		if (skb->csum < 5) /* DECIDES udp_coverage */
			goto drop;
	}
	if (rcv_queue(sk, skb) < 0) {
		statistics(&counters[31]);
		drop_reason = FILTER;
		goto drop;
	}
	return 0;
drop:
	statistics(&counters[32]);
	sk->drops++;
	kfree_skb_reason(skb, drop_reason);
	return -1;
}

PACKET_CASE(udp_policy)
{
	struct sk_buff *skb = new_skb();

	skb->mark = 0x77;
	opaque(udp_queue(&test_sock, skb));
}

PACKET_CASE(udp_rcvbuf)
{
	struct sk_buff *skb = new_skb();

	test_sock.rmem = 1001;
	opaque(udp_queue(&test_sock, skb));
}

PACKET_CASE(udp_rcvbuf_now)
{
	struct sk_buff *skb = new_skb();

	test_sock.rmem = 999;
	test_sock.bound = 0;
	opaque(udp_queue(&test_sock, skb));
}

PACKET_CASE(udp_coverage)
{
	struct sk_buff *skb = new_skb();

	test_sock.bound = 8;
	opaque(udp_queue(&test_sock, skb));
}

/* gre_rcv(): a table of handlers, by version. */
struct gre_protocol {
	int (*handler)(struct sk_buff *skb);
};

static const struct gre_protocol *volatile gre_proto[2];

static noinline int gre_rcv(struct sk_buff *skb)
{
	const struct gre_protocol *proto;
	u8 ver;
	int ret;

	if (skb->len < 12)
		goto drop;
	ver = skb->data[1] & 0x7f;
	if (ver >= 2) /* DECIDES gre_version */
		goto drop;
	_raw_spin_lock(&lock);
	proto = gre_proto[ver];
	if (!proto || !proto->handler) /* DECIDES gre_handler */
		goto drop_unlock;
	ret = proto->handler(skb);
	_raw_spin_unlock(&lock);
	return ret;
drop_unlock:
	_raw_spin_unlock(&lock);
drop:
	kfree_skb(skb);
	return 1;
}

PACKET_CASE(gre_version)
{
	struct sk_buff *skb = new_skb();

	skb->data[1] = 5;
	opaque(gre_rcv(skb));
}

PACKET_CASE(gre_handler)
{
	struct sk_buff *skb = new_skb();

	skb->data[1] = 1;
	opaque(gre_rcv(skb));
}

/* br_handle_frame(): states of a port. */
struct port {
	int state;
	u32 flags;
	struct net_device *dev;
	struct {
		u64 address;
		int port;
	} table[8];
};

static noinline int fdb_find(struct port *port, u64 address)
{
	unsigned int i;

	for (i = 0; i < 8; i++) {
		if (port->table[i].address == address) /* OR bridge_fdb */
			return port->table[i].port;
	}
	return -ENOENT; /* DECIDES bridge_fdb */
}

static noinline int should_learn(struct port *p, struct sk_buff *skb, u16 *vid)
{
	if (!(p->flags & 1))
		return 1;
	*vid = skb->mark & 0xfff;
	if (*vid == 0)
		return 1;
	if (p->flags & (2 << (*vid & 3))) /* DECIDES bridge_vlan */
		return 0;
	return 1;
}

static noinline int handle_frame_finish(struct sk_buff *skb, struct port *p)
{
	u16 vid = 0;

	if (!p || p->state == 0) /* DECIDES bridge_disabled */
		goto drop;
	if (!should_learn(p, skb, &vid))
		goto out;
	if (p->state == 3)
		goto drop;
	if (p->flags & 0x100 && fdb_find(p, skb->csum + vid) < 0)
		goto drop;
	return deliver(skb);
out:
	return 0;
drop:
	kfree_skb(skb);
	goto out;
}

static noinline int handle_bridge(struct sk_buff *skb, struct port *p)
{
	if (p->flags & 0x80) {
		consume_skb(skb);
		return 0;
	}
	switch (p->state) {
	case 1:
	case 2:
		statistics(&counters[40]);
		handle_frame_finish(skb, p);
		break;
	default:
		if (p->flags & 0x40)
			kfree_skb(skb);
		else
			handle_frame_finish(skb, p);
	}
	return 0;
}

static noinline int vlan_bridge(struct sk_buff *skb, struct port *p)
{
	u16 vid;

	if (!should_learn(p, skb, &vid)) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(bridge_fdb)
{
	static struct port port = { .state = 1, .flags = 0x100 };
	struct sk_buff *skb = new_skb();

	skb->csum = 0x55;
	opaque(handle_bridge(skb, &port));
}

PACKET_CASE(bridge_vlan)
{
	static struct port port = { .state = 1, .flags = 1 | 4 };
	struct sk_buff *skb = new_skb();

	skb->mark = 1;
	opaque(vlan_bridge(skb, &port));
}

PACKET_CASE(bridge_disabled)
{
	static struct port port = { .state = 0 };

	opaque(handle_bridge(new_skb(), &port));
}

/* What decided lies in a function that is not recorded: nothing may be called certain. */
static noinline int unknown_inside(struct sk_buff *skb)
{
	if (opaque(skb->len) > 50) { /* DECIDES unknown_inside */
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(unknown_inside)
{
	opaque(unknown_inside(new_skb()));
}

/* vxlan_xmit_one(): an error pointer from a lookup, or a device that is the wrong one. */
static noinline struct dst_entry *get_route(struct sk_buff *skb, struct net_device *dev, u32 daddr)
{
	struct dst_entry *rt;

	rt = daddr == 0x050000e0 ? ERR_PTR(-ENETUNREACH) : &test_dst; /* DECIDES vxlan_route */
	if (!IS_ERR(rt)) {
		if (rt->dev == dev) { /* DECIDES vxlan_loop */
			statistics(&counters[41]);
			return ERR_PTR(-40);
		}
		counters[42] = daddr;
	} else {
		printk("no route");
		return ERR_PTR(-ENETUNREACH);
	}
	return rt;
}

static noinline void vxlan_xmit(struct sk_buff *skb, struct net_device *dev, u32 daddr)
{
	struct dst_entry *ndst = NULL;
	struct dst_entry *rt;
	int err = 0;

	_raw_spin_lock(&lock);
	rt = get_route(skb, dev, daddr);
	if (IS_ERR(rt)) {
		err = PTR_ERR(rt);
		goto tx_error;
	}
	ndst = rt;
	if (skb->data_len > 1000) {
		err = -EINVAL;
		goto tx_error;
	}
	deliver(skb);
	_raw_spin_unlock(&lock);
	return;
tx_error:
	_raw_spin_unlock(&lock);
	if (err == -40)
		dev->dropped++;
	else if (err == -ENETUNREACH)
		dev->mtu++;
	if (ndst)
		statistics(&counters[43]);
	statistics(&counters[44]);
	kfree_skb(skb);
}

PACKET_CASE(vxlan_route)
{
	struct sk_buff *skb = routed();

	vxlan_xmit(skb, skb->dev, ip_hdr(skb)->daddr);
	opaque(1);
}

PACKET_CASE(vxlan_loop)
{
	struct sk_buff *skb = routed();

	vxlan_xmit(skb, skb->dev, 0x01010101);
	opaque(1);
}

/* conntrack: a state table of verdicts. */
static noinline int tcp_state(struct sk_buff *skb, int *state)
{
	static const signed char table[2][4] = { { 0, 1, 2, -1 }, { 1, 1, -1, 3 } };
	int dir = skb->pkt_type & 1;
	int new_state = table[dir][*state & 3];

	if (new_state < 0) /* DECIDES conntrack */
		return -1;
	*state = new_state;
	return 1;
}

static noinline unsigned int conntrack_in(struct sk_buff *skb, int *state)
{
	int ret;

	ret = tcp_state(skb, state);
	if (ret <= 0) {
		counters[45]++;
		if (ret == -EAGAIN)
			return 4;
		ret = -ret;
		return ret == 1 ? 0 : 1;
	}
	return 1;
}

static noinline int conntrack(struct sk_buff *skb)
{
	static int state = 2;

	switch (conntrack_in(skb, &state)) {
	case 1:
		return deliver(skb);
	case 0:
		kfree_skb_reason(skb, 8);
		return -EPERM;
	default:
		return 0;
	}
}

PACKET_CASE(conntrack)
{
	struct sk_buff *skb = new_skb();

	skb->pkt_type = 1;
	opaque(conntrack(skb));
}

/* A bit of a set. */
static noinline int port_allowed(const u64 *set, u16 port)
{
	return (set[port / 64] >> (port % 64)) & 1; /* DECIDES bit_set */
}

static noinline int bit_set(struct sk_buff *skb, const u64 *set)
{
	if (!port_allowed(set, skb->mark)) { /* OR bit_set */
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(bit_set)
{
	static const u64 set[16] = { 5, 0, 7 };
	struct sk_buff *skb = new_skb();

	skb->mark = 77;
	opaque(bit_set(skb, set));
}

/* Three levels of verdicts, each in a language of its own. */
enum verdict { DROP_IT, PASS_IT, QUEUE_IT };

static noinline bool limit_reached(struct sock *sk, u32 len)
{
	return sk->backlog_len + len > (u32)sk->rcvbuf; /* DECIDES verdict_chain */
}

static noinline enum verdict inspect(struct sock *sk, struct sk_buff *skb)
{
	enum verdict verdict = PASS_IT;

	if (skb->mark == 1)
		verdict = QUEUE_IT;
	else if (limit_reached(sk, skb->len))
		verdict = DROP_IT;
	counters[46] += verdict;
	return verdict;
}

static noinline int verdict_chain(struct sock *sk, struct sk_buff *skb)
{
	int rc = 0;

	switch (inspect(sk, skb)) {
	case PASS_IT:
		rc = deliver(skb);
		break;
	case QUEUE_IT:
		rc = netif_rx(skb);
		break;
	case DROP_IT:
		rc = -ENOMEM;
		break;
	}
	if (rc < 0) {
		statistics(&counters[47]);
		kfree_skb(skb);
	}
	return rc;
}

PACKET_CASE(verdict_chain)
{
	struct sk_buff *skb = new_skb();

	test_sock.backlog_len = 990;
	opaque(verdict_chain(&test_sock, skb));
}

/* A struct that a caller gave, filled in by a callee. */
struct flow {
	u32 daddr;
	int oif;
	int result;
	struct in_ifaddr *source;
};

static noinline void fill_flow(struct flow *flow, struct sk_buff *skb)
{
	flow->daddr = ip_hdr(skb)->daddr;
	flow->result = 0;
	statistics(&counters[50]);
	if (skb->mark == 5) /* DECIDES filled_struct */
		flow->result = -EINVAL;
}

static noinline int filled_struct(struct sk_buff *skb, struct flow *flow)
{
	fill_flow(flow, skb);
	statistics(&counters[51]);
	if (flow->result < 0) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(filled_struct)
{
	static struct flow flow;
	struct sk_buff *skb = new_skb();

	skb->mark = 5;
	opaque(filled_struct(skb, &flow));
}

/* The way on was stored by a function that returns nothing; a test that has nothing to do
 * with it comes before.
 */
static noinline int bad_route(struct sk_buff *skb)
{
	statistics(&counters[52]);
	kfree_skb(skb);
	return 0;
}

static noinline void set_route(struct sk_buff *skb)
{
	test_dst.input = deliver;
	if (skb->csum == 0) /* DECIDES stored_silently */
		test_dst.input = bad_route;
	skb->dst = &test_dst;
}

static noinline int stored_silently(struct sk_buff *skb)
{
	if (skb->len < 20)
		return -1;
	set_route(skb);
	statistics(&counters[53]);
	return skb->dst->input(skb) + 1;
}

PACKET_CASE(stored_silently)
{
	opaque(stored_silently(new_skb()));
}

/* The elements of a list are checked one after the other; the second one refuses. */
struct policy {
	struct policy *next;
	u32 from;
	u32 to;
	int allow;
};

static noinline int check_policies(const struct policy *policy, u32 value)
{
	for (; policy; policy = policy->next) {
		if (value < policy->from || value > policy->to)
			continue;
		if (!policy->allow) /* DECIDES policies */
			return -EACCES;
		statistics(&counters[54]);
	}
	return 0;
}

static noinline int policies(struct sk_buff *skb, const struct policy *first)
{
	int err;

	err = check_policies(first, skb->mark);
	if (err)
		goto drop;
	err = deliver(skb);
	if (err)
		goto drop;
	return 0;
drop:
	kfree_skb(skb);
	return err;
}

PACKET_CASE(policies)
{
	static const struct policy third = { NULL, 0, 100, 1 };
	static const struct policy second = { (struct policy *)&third, 0, 10, 0 };
	static const struct policy first = { (struct policy *)&second, 0, 50, 1 };
	struct sk_buff *skb = new_skb();

	skb->mark = 7;
	opaque(policies(skb, &first));
}

/* Retries: the last of three tries failed. */
static noinline int try_once(struct sk_buff *skb, int attempt)
{
	if (counters[55] + attempt < 9) /* DECIDES retries */
		return -EAGAIN;
	return 0;
}

static noinline int retries(struct sk_buff *skb)
{
	int attempt, err = 0;

	for (attempt = 0; attempt < 3; attempt++) {
		err = try_once(skb, attempt);
		if (err != -EAGAIN)
			break;
		statistics(&counters[56]);
	}
	if (err) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(retries)
{
	opaque(retries(new_skb()));
}

/* A choice of three tests in front of a long way that was inlined twice. */
static noinline int is_member(const struct in_device *in_dev, u32 addr)
{
	const struct ip_mc_list *im;

	for (im = in_dev->mc_list; im; im = im->next) /* DECIDES inlined_twice */
		if (im->multiaddr == addr) /* OR inlined_twice */
			return 1;
	return 0;
}

static noinline int validate_multicast(struct sk_buff *skb, int our)
{
	return opaque(our) > 1 ? -EINVAL : 0;
}

static inline int multicast_input(struct sk_buff *skb, struct in_device *in_dev, int our)
{
	u32 flags = 0x20000000;
	int err;

	err = validate_multicast(skb, our);
	if (err)
		return err;
	if (our)
		flags |= 0x80000000;
	skb->csum = flags;
	return deliver(skb);
}

static noinline int multicast_route(struct sk_buff *skb, u32 daddr, struct in_device *in_dev)
{
	int our = 0;
	int err = -EINVAL;

	if (!in_dev)
		return err;
	our = is_member(in_dev, daddr);
	if (!our && in_dev->dev->priv_flags & 0x20) {
		struct in_device *master = skb->dev->ip_ptr;

		if (master)
			our = is_member(master, daddr);
	}
	if (our || (!ipv4_is_local_multicast(daddr) && in_dev->mforward))
		err = multicast_input(skb, in_dev, our);
	return err;
}

static noinline int inlined_twice(struct sk_buff *skb)
{
	int err = multicast_route(skb, ip_hdr(skb)->daddr, skb->dev->ip_ptr);

	if (err)
		goto drop_error;
	return deliver(skb);
drop:
	kfree_skb_reason(skb, 2);
	return 1;
drop_error:
	if (err == -EXDEV)
		statistics(&counters[60]);
	goto drop;
}

PACKET_CASE(inlined_twice)
{
	static struct ip_mc_list all = { NULL, 0x010000e0, 1, NULL };

	test_in_dev.mc_list = &all;
	opaque(inlined_twice(new_skb()));
}
