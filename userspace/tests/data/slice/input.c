// SPDX-License-Identifier: GPL-2.0-only
/* Input paths: gotos to one label, defaults, nested checks that return errors. */
#include "kern.h"

/* One label for all failures. */
static noinline int goto_drop(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (skb->pkt_type == 3)
		goto drop;
	if (skb->len < 20)
		goto drop;
	if ((iph->version_ihl & 15) < 5)
		goto drop;
	if (iph->ttl <= 1) /* DECIDES goto_drop */
		goto drop;
	if (iph->version_ihl >> 4 != 4)
		goto drop;
	return deliver(skb);
drop:
	statistics(&counters[0]);
	kfree_skb(skb);
	return 1;
}

PACKET_CASE(goto_drop)
{
	struct sk_buff *skb = new_skb();

	ip_hdr(skb)->ttl = 1;
	opaque(goto_drop(skb));
}

/* A default at the top, kept by a test far below. */
static noinline int lookup_default(struct sk_buff *skb, struct in_device *in_dev)
{
	int err = -EINVAL;
	const struct iphdr *iph = ip_hdr(skb);

	if (!in_dev)
		goto out;
	if (iph->saddr == 0xffffffff)
		goto out;
	statistics(&counters[1]);
	if (ipv4_is_loopback(iph->daddr)) /* DECIDES default_error */
		goto out;
	statistics(&counters[2]);
	err = deliver(skb);
out:
	return err;
}

static noinline int default_error(struct sk_buff *skb)
{
	int err = lookup_default(skb, skb->dev->ip_ptr);

	if (unlikely(err)) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(default_error)
{
	struct sk_buff *skb = new_skb();

	ip_hdr(skb)->daddr = 0x0100007f;
	opaque(default_error(skb));
}

/* ip_check_mc_rcu(): a list in which nothing matches. */
static noinline int check_mc(struct in_device *in_dev, u32 mc_addr, u32 src_addr, u8 proto)
{
	struct ip_mc_list *im;
	struct ip_sf_list *psf;
	int rv = 0;

	for (im = in_dev->mc_list; im; im = im->next) { /* DECIDES ospf */
		if (im->multiaddr == mc_addr) /* OR ospf */
			break;
	}
	if (im && proto == 2) {
		rv = 1;
	} else if (im) {
		if (src_addr) {
			for (psf = im->sources; psf; psf = psf->next) {
				if (psf->inaddr == src_addr) /* OR multicast_source */
					break;
			}
			if (psf) /* DECIDES multicast_source */
				rv = psf->include;
			else
				rv = im->users != 0; /* OR multicast_source */
		} else {
			rv = 1;
		}
	}
	return rv;
}

static noinline int input_mc(struct sk_buff *skb, int our)
{
	counters[5] += our;
	return deliver(skb);
}

static noinline int route_input_rcu(struct sk_buff *skb, u32 daddr, u32 saddr,
				    struct net_device *dev)
{
	if (ipv4_is_multicast(daddr)) {
		struct in_device *in_dev = dev->ip_ptr;
		int our = 0;
		int err = -EINVAL;

		if (!in_dev)
			return err;
		our = check_mc(in_dev, daddr, saddr, ip_hdr(skb)->protocol);
		if (our || (!ipv4_is_local_multicast(daddr) && in_dev->mforward))
			err = input_mc(skb, our);
		return err;
	}
	statistics(&counters[3]);
	return deliver(skb);
}

static noinline int route_input_noref(struct sk_buff *skb, u32 daddr, u32 saddr,
				      struct net_device *dev)
{
	int err;

	_raw_spin_lock(&lock);
	err = route_input_rcu(skb, daddr, saddr, dev);
	_raw_spin_unlock(&lock);
	return err;
}

static noinline int rcv_finish_core(struct sk_buff *skb, struct net_device *dev)
{
	const struct iphdr *iph = ip_hdr(skb);
	int err;

	if (!skb->dst) {
		err = route_input_noref(skb, iph->daddr, iph->saddr, dev);
		if (unlikely(err))
			goto drop_error;
	}
	if (iph->version_ihl > 0x45 && opaque(1))
		goto drop;
	return 0;
drop:
	kfree_skb_reason(skb, 2);
	return 1;
drop_error:
	if (err == -EXDEV)
		statistics(&counters[4]);
	goto drop;
}

PACKET_CASE(ospf)
{
	static struct ip_mc_list all = { NULL, 0x010000e0, 1, NULL };
	static struct ip_mc_list other = { &all, 0xfb0000e0, 1, NULL };
	struct sk_buff *skb = new_skb();

	test_in_dev.mc_list = &other;
	opaque(rcv_finish_core(skb, skb->dev));
}

PACKET_CASE(multicast_source)
{
	static struct ip_sf_list source = { NULL, 0x01010101, 1 };
	static struct ip_mc_list group = { NULL, 0x050000e0, 0, &source };
	struct sk_buff *skb = new_skb();

	test_in_dev.mc_list = &group;
	opaque(rcv_finish_core(skb, skb->dev));
}

/* An error pointer that is handed up and changed on the way. */
static noinline void *table_lookup(int oif, u32 daddr)
{
	if (oif == 5)
		return &test_dst;
	if (daddr == 0x050000e0) /* DECIDES error_pointer */
		return ERR_PTR(-EAGAIN);
	return &test_dst;
}

static noinline void *key_hash(int oif, u32 daddr)
{
	void *dst = table_lookup(oif, daddr);

	if (IS_ERR(dst)) {
		statistics(&counters[6]);
		if (PTR_ERR(dst) == -EAGAIN)
			return ERR_PTR(-ENETUNREACH);
	}
	return dst;
}

static noinline int error_pointer(struct sk_buff *skb)
{
	struct dst_entry *dst = key_hash(skb->dev->ifindex, ip_hdr(skb)->daddr);

	if (IS_ERR(dst)) {
		skb->dev->dropped++;
		kfree_skb(skb);
		return PTR_ERR(dst);
	}
	return deliver(skb);
}

PACKET_CASE(error_pointer)
{
	opaque(error_pointer(new_skb()));
}

/* Tests of the packet itself before it is freed. */
static noinline struct sk_buff *share_check(struct sk_buff *skb)
{
	return skb->len > 1000000 ? NULL : skb;
}

static noinline int null_check(struct sk_buff *skb)
{
	if (skb->mark == 7) /* DECIDES null_check */
		goto drop;
	return deliver(skb);
drop:
	skb = share_check(skb);
	if (skb)
		kfree_skb(skb);
	return 1;
}

PACKET_CASE(null_check)
{
	struct sk_buff *skb = new_skb();

	skb->mark = 7;
	opaque(null_check(skb));
}

/* a && b: both were needed. */
static noinline int conjunction(struct sk_buff *skb)
{
	if (skb->mark == 3 && skb->dev->priv_flags & 4) /* DECIDES conjunction */
		goto drop;
	return deliver(skb);
drop:
	kfree_skb(skb);
	return 1;
}

PACKET_CASE(conjunction)
{
	struct sk_buff *skb = new_skb();

	skb->mark = 3;
	test_dev.priv_flags = 4;
	opaque(conjunction(skb));
}

/* The function always frees; its caller had the choice. */
static noinline int always_frees(struct sk_buff *skb, int code)
{
	int i;

	for (i = 0; i < code; i++)
		statistics(&counters[i]);
	if (code > 2)
		printk("dropped");
	kfree_skb(skb);
	return 0;
}

static noinline int caller_decides(struct sk_buff *skb)
{
	if (skb->len > skb->dev->mtu) /* DECIDES caller_decides */
		return always_frees(skb, opaque(2));
	return deliver(skb);
}

PACKET_CASE(caller_decides)
{
	struct sk_buff *skb = new_skb();

	test_dev.mtu = 32;
	opaque(caller_decides(skb));
}

/* Tail call of what frees, seen from a tail call. */
static noinline int tail_last(struct sk_buff *skb)
{
	if (skb->protocol != 8) /* DECIDES tail_calls */
		goto drop;
	return deliver(skb);
drop:
	kfree_skb(skb);
	return 0;
}

static noinline int tail_middle(struct sk_buff *skb)
{
	statistics(&counters[1]);
	return tail_last(skb);
}

static noinline int tail_calls(struct sk_buff *skb)
{
	if (skb->mark)
		statistics(&counters[7]);
	return tail_middle(skb);
}

PACKET_CASE(tail_calls)
{
	struct sk_buff *skb = new_skb();

	skb->protocol = 6;
	opaque(tail_calls(skb));
}

/* Statistics with branches of their own between the decision and the free. */
static noinline int noisy(struct sk_buff *skb)
{
	if (skb->ip_summed != 0 && skb->csum != 0x1234) { /* DECIDES noisy */
		if (skb->dev->flags & 1)
			statistics(&counters[1]);
		if (skb->protocol == 8)
			statistics(&counters[2]);
		else
			statistics(&counters[3]);
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(noisy)
{
	struct sk_buff *skb = new_skb();

	skb->ip_summed = 1;
	opaque(noisy(skb));
}
