// SPDX-License-Identifier: GPL-2.0-only
/* Routing: results through pointers, stored functions, case analysis by constants. */
#include "kern.h"

struct fib_result {
	u8 type;
	u8 scope;
	u8 prefixlen;
	int tclassid;
	struct in_ifaddr *fi;
};

/* An out-parameter decides. */
static noinline int fib_lookup(struct sk_buff *skb, struct fib_result *res)
{
	res->scope = 1;
	if (ip_hdr(skb)->daddr == 0x050000e0) /* DECIDES out_parameter */
		res->type = 6;
	else
		res->type = 1;
	res->prefixlen = 24;
	return 0;
}

static noinline int out_parameter(struct sk_buff *skb)
{
	struct fib_result res;

	res.fi = NULL;
	if (fib_lookup(skb, &res) < 0)
		goto drop;
	statistics(&res.tclassid);
	if (res.type == 6)
		goto drop;
	return deliver(skb);
drop:
	kfree_skb(skb);
	return 0;
}

PACKET_CASE(out_parameter)
{
	opaque(out_parameter(new_skb()));
}

/* The reason comes back through a pointer, the verdict as a bool. */
static noinline bool check_options(struct sk_buff *skb, int *reason)
{
	if (skb->len < 20) {
		*reason = 3;
		return false;
	}
	if (skb->data_len > 100) { /* DECIDES reason_pointer */
		*reason = 5;
		return false;
	}
	*reason = 0;
	return true;
}

static noinline int reason_pointer(struct sk_buff *skb)
{
	int reason;

	if (!check_options(skb, &reason)) {
		kfree_skb_reason(skb, reason);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(reason_pointer)
{
	struct sk_buff *skb = new_skb();

	skb->data_len = 200;
	opaque(reason_pointer(skb));
}

/* What is tested is the reason. */
static noinline void classify(struct sk_buff *skb, int *reason)
{
	*reason = 0;
	if (skb->pkt_type == 1)
		return;
	statistics(&counters[4]);
	if (skb->mark & 0x80) /* DECIDES stored_reason */
		*reason = 7;
}

static noinline int stored_reason(struct sk_buff *skb)
{
	int reason = 0;

	classify(skb, &reason);
	if (reason) {
		kfree_skb_reason(skb, reason);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(stored_reason)
{
	struct sk_buff *skb = new_skb();

	skb->mark = 0x81;
	opaque(stored_reason(skb));
}

/* A field of the packet set in one function, tested in another. */
static noinline void set_type(struct sk_buff *skb, struct net_device *dev)
{
	if (ip_hdr(skb)->daddr != dev->mtu) /* DECIDES field */
		skb->pkt_type = 3;
	else
		skb->pkt_type = 0;
}

static noinline int type_drop(struct sk_buff *skb)
{
	if (skb->pkt_type == 3) { /* OR field */
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

static noinline int field(struct sk_buff *skb)
{
	set_type(skb, skb->dev);
	statistics(&counters[3]);
	return type_drop(skb) + 1;
}

PACKET_CASE(field)
{
	opaque(field(new_skb()));
}

/* An error handler stored as the way to go on. */
static noinline int ip_error(struct sk_buff *skb)
{
	if (skb->dst->error == -EHOSTUNREACH)
		statistics(&counters[2]);
	kfree_skb(skb);
	return 0;
}

static noinline int choose_route(struct sk_buff *skb)
{
	struct dst_entry *dst = &test_dst;

	dst->input = deliver;
	dst->error = 0;
	if (ip_hdr(skb)->saddr == 0x04020a0a) { /* DECIDES stored_pointer */
		dst->error = -EHOSTUNREACH;
		dst->input = ip_error;
	}
	skb->dst = dst;
	return 0;
}

static noinline int stored_pointer(struct sk_buff *skb)
{
	if (choose_route(skb))
		return -1;
	statistics(&counters[9]);
	return skb->dst->input(skb) + 1;
}

PACKET_CASE(stored_pointer)
{
	opaque(stored_pointer(new_skb()));
}

/* accept_local: a branch sets the error, the caller's caller drops. */
static noinline int validate_source(struct sk_buff *skb, struct in_device *in_dev, u32 src)
{
	int err = -EINVAL;

	if (in_dev->ifa_list == NULL)
		goto last_resort;
	if (in_dev->ifa_list->local == src && !in_dev->accept_local) /* DECIDES accept_local */
		goto error;
	if (in_dev->rp_filter == 1)
		goto rpf; /* the next line is not reached with rp_filter 2 */
	return opaque(0);
last_resort:
	if (in_dev->rp_filter) /* DECIDES rp_filter_no_address */
		goto rpf;
	return 0;
error:
	return err;
rpf:
	return -EXDEV;
}

static noinline int mkroute_input(struct sk_buff *skb, struct in_device *in_dev)
{
	int err;

	err = validate_source(skb, in_dev, ip_hdr(skb)->saddr);
	if (err < 0)
		goto cleanup;
	counters[8]++;
	err = 0;
cleanup:
	return err;
}

static noinline int slow_path(struct sk_buff *skb)
{
	int err = mkroute_input(skb, skb->dev->ip_ptr);

	if (err) {
		if (err == -EXDEV)
			counters[10]++;
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(accept_local)
{
	static struct in_ifaddr address = { NULL, 0x04020a0a, 0 };
	struct sk_buff *skb = new_skb();

	test_in_dev.ifa_list = &address;
	opaque(slow_path(skb));
}

PACKET_CASE(rp_filter_no_address)
{
	struct sk_buff *skb = new_skb();

	test_in_dev.rp_filter = 2;
	opaque(slow_path(skb));
}

/* The lookup that failed is the cause, not that there is no way around it. */
static noinline int table(u32 daddr, struct fib_result *res)
{
	res->type = 0;
	if (daddr == 0x050000e0) /* DECIDES recovery */
		return -ENOENT;
	res->type = 1;
	return 0;
}

static noinline void *recovery_route(struct sk_buff *skb, int oif)
{
	struct fib_result res;
	struct dst_entry *dst;
	int err;

	err = table(ip_hdr(skb)->daddr, &res);
	if (err) {
		if (oif == 0) {
			dst = ERR_PTR(-ENETUNREACH);
			goto out;
		}
		res.type = 1;
		goto make_route;
	}
	statistics(&counters[3]);
make_route:
	dst = opaque_pointer(&test_dst);
	dst->flags = res.type;
out:
	return dst;
}

static noinline int recovery(struct sk_buff *skb)
{
	struct dst_entry *dst = recovery_route(skb, skb->mark);

	if (IS_ERR(dst)) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(recovery)
{
	opaque(recovery(new_skb()));
}

/* Nested functions that each return an error of their own. */
static noinline int level3(struct sk_buff *skb)
{
	if (skb->len == 64 && skb->data[8] == 64) /* DECIDES nested */
		return -EACCES;
	return 0;
}

static noinline int level2(struct sk_buff *skb)
{
	int err = level3(skb);

	if (err < 0)
		return -EPERM;
	return err;
}

static noinline int level1(struct sk_buff *skb)
{
	return level2(skb);
}

static noinline int nested(struct sk_buff *skb)
{
	if (level1(skb) != 0) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(nested)
{
	opaque(nested(new_skb()));
}

/* Several returns of the same error. */
static noinline int same_error(struct sk_buff *skb)
{
	if (skb->len < 8)
		return -EINVAL;
	if (skb->protocol == 99)
		return -EPERM;
	statistics(&counters[0]);
	if (skb->csum == 17) /* DECIDES same_errors */
		return -EINVAL;
	statistics(&counters[1]);
	if (skb->mark == 1234)
		return -EINVAL;
	return 0;
}

static noinline int same_errors(struct sk_buff *skb)
{
	if (same_error(skb)) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(same_errors)
{
	struct sk_buff *skb = new_skb();

	skb->csum = 17;
	opaque(same_errors(skb));
}

/* A bool from a comparison. */
static noinline bool is_ours(struct net_device *dev, u32 addr)
{
	return dev->ip_ptr->ifa_list->local == addr; /* DECIDES bool_result */
}

static noinline int bool_result(struct sk_buff *skb)
{
	if (!is_ours(skb->dev, ip_hdr(skb)->daddr)) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(bool_result)
{
	static struct in_ifaddr address = { NULL, 0x01010101, 0 };
	struct sk_buff *skb = new_skb();

	test_in_dev.ifa_list = &address;
	opaque(bool_result(skb));
}

/* Errors chosen without a jump. */
static noinline int by_cmov(struct sk_buff *skb)
{
	return skb->len > skb->dev->mtu ? -EMSGSIZE : 0; /* DECIDES cmov_error */
}

static noinline int cmov_error(struct sk_buff *skb)
{
	int err = by_cmov(skb);

	if (err < 0) {
		kfree_skb(skb);
		return err;
	}
	return deliver(skb);
}

PACKET_CASE(cmov_error)
{
	struct sk_buff *skb = new_skb();

	test_dev.mtu = 10;
	opaque(cmov_error(skb));
}

/* -ENOENT or 0 by sbb. */
static noinline int by_sbb(struct sk_buff *skb)
{
	return skb->sk ? 0 : -ENOENT; /* DECIDES sbb_error */
}

static noinline int sbb_error(struct sk_buff *skb)
{
	if (by_sbb(skb)) {
		kfree_skb(skb);
		return 1;
	}
	return deliver(skb);
}

PACKET_CASE(sbb_error)
{
	opaque(sbb_error(new_skb()));
}
