/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels, and nothing else: the only file of the module
 * that tests a version or a feature.  Every entry names the release that made
 * the difference.  A wrong guess breaks the build (the prototypes are checked
 * where the functions are used), it does not misbehave at run time.
 */
#ifndef DROPTRACE_COMPAT_H
#define DROPTRACE_COMPAT_H

#include <linux/filter.h>
#include <linux/kconfig.h>
#include <linux/ring_buffer.h>
#include <linux/skbuff.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <trace/events/skb.h>

#if !IS_ENABLED(CONFIG_TRACEPOINTS) || !IS_ENABLED(CONFIG_RING_BUFFER)
#error "droptrace needs a kernel with CONFIG_TRACEPOINTS and CONFIG_RING_BUFFER"
#endif
#if !IS_ENABLED(CONFIG_NET)
#error "droptrace needs a kernel with CONFIG_NET"
#endif

/*
 * The kfree_skb tracepoint: v5.17 added the reason (c504e5c2f964), v6.11 the
 * receiving socket (ce8744703aad).  A backported reason brings its header.
 */
#ifdef __has_include
#if __has_include("net/dropreason.h")
#define DROPTRACE_COMPAT_DROPREASON_H 1
#endif
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
/* The socket became const in between (v7.3 has it so): the type tells. */
#define DROPTRACE_KFREE_SKB_RX_SK_CONST						\
	__builtin_types_compatible_p(typeof(trace_kfree_skb),			\
				     void (struct sk_buff *, void *,		\
					   enum skb_drop_reason, const struct sock *))
#define droptrace_compat_rx_sk							\
	typeof(__builtin_choose_expr(DROPTRACE_KFREE_SKB_RX_SK_CONST,		\
				     (const struct sock *)NULL, (struct sock *)NULL))

#define DROPTRACE_KFREE_SKB_REASON 1
#define DROPTRACE_KFREE_SKB_RX_SK 1
#define DROPTRACE_KFREE_SKB_PROTO						\
	void *data, struct sk_buff *skb, void *location,			\
	enum skb_drop_reason reason, droptrace_compat_rx_sk rx_sk
#define droptrace_kfree_skb_reason ((u32)reason)
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 17, 0) || defined(DROPTRACE_COMPAT_DROPREASON_H)
#define DROPTRACE_KFREE_SKB_REASON 1
#define DROPTRACE_KFREE_SKB_RX_SK 0
#define DROPTRACE_KFREE_SKB_PROTO						\
	void *data, struct sk_buff *skb, void *location,			\
	enum skb_drop_reason reason
#define droptrace_kfree_skb_reason ((u32)reason)
#else
#define DROPTRACE_KFREE_SKB_REASON 0
#define DROPTRACE_KFREE_SKB_RX_SK 0
#define DROPTRACE_KFREE_SKB_PROTO						\
	void *data, struct sk_buff *skb, void *location
#define droptrace_kfree_skb_reason 0U
#endif

/* v6.3 dropped the event argument (04aabc32fb20). */
static inline int droptrace_compat_ring_commit(struct trace_buffer *buffer,
					       struct ring_buffer_event *event)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	return ring_buffer_unlock_commit(buffer);
#else
	return ring_buffer_unlock_commit(buffer, event);
#endif
}

/* v6.12 moved it (5f60d5f6bbc1). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* A look at memory that may not be there; v5.8 made it a macro (fe557319aa06). */
#ifndef __get_kernel_nofault
#error "droptrace needs __get_kernel_nofault()"
#endif
#define droptrace_compat_peek(dst, src, type, label)				\
	__get_kernel_nofault(dst, src, type, label)

/* v5.15 made the macro BPF_PROG_RUN() a function (fb7dd8bca013). */
static inline u32 droptrace_compat_bpf_run(const struct bpf_prog *prog,
					   const struct sk_buff *skb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 15, 0)
	return bpf_prog_run(prog, skb);
#else
	return BPF_PROG_RUN(prog, skb);
#endif
}

/* v6.12 marks buffers whose fragments the kernel cannot read (9f6b619edf2e). */
static inline void droptrace_compat_copy_unreadable(struct sk_buff *to,
						    const struct sk_buff *from)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	to->unreadable = from->unreadable;
#endif
}

/* v5.11 brought nla_strscpy() (872f69034194). */
static inline void droptrace_compat_nla_strscpy(char *dst, const struct nlattr *nla, size_t size)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
	nla_strscpy(dst, nla, size);
#else
	nla_strlcpy(dst, nla, size);
#endif
}

/* v6.2 split the operations, of which pre_doit() is told (20b0b53acaf1). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define droptrace_compat_pre_doit_ops const struct genl_split_ops
#else
#define droptrace_compat_pre_doit_ops const struct genl_ops
#endif

#endif /* DROPTRACE_COMPAT_H */
