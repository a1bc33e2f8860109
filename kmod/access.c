// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rights.  Packets of every network namespace and kernel addresses pass through
 * here, so every operation needs CAP_SYS_ADMIN in the initial user namespace,
 * and none is served where lockdown keeps root from looking into the kernel.
 */
#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/security.h>
#include <linux/string.h>

#include "access.h"

/**
 * droptrace_access_check() - may this request be served
 * @request: the request as received
 * @extack: told why not
 *
 * Context: Process context of the client.
 * Return: 0 or -EPERM.
 */
int droptrace_access_check(const struct sk_buff *request, struct netlink_ext_ack *extack)
{
	if (!netlink_capable(request, CAP_SYS_ADMIN)) {
		NL_SET_ERR_MSG_MOD(extack, "CAP_SYS_ADMIN is needed");
		return -EPERM;
	}
	/* The lockdown reason that covers looking at the kernel with probes. */
	if (security_locked_down(LOCKDOWN_KPROBES)) {
		NL_SET_ERR_MSG_MOD(extack, "the kernel is locked down for confidentiality");
		return -EPERM;
	}
	return 0;
}

/**
 * droptrace_access_addresses() - may the current task see kernel addresses
 *
 * As for /proc/kallsyms: CAP_SYSLOG, and kernel.kptr_restrict below 2. That
 * setting is not exported; but a printed %pK obeys it, and comes out as zeros.
 *
 * Context: Process context of the client.
 * Return: true if it may.
 */
bool droptrace_access_addresses(void)
{
	char text[2 * sizeof(void *) + 1];
	int i;

	if (!capable(CAP_SYSLOG))
		return false;

	snprintf(text, sizeof(text), "%pK", &droptrace_access_addresses);
	for (i = 0; text[i]; i++)
		if (text[i] != '0')
			return true;
	return false;
}

/**
 * droptrace_access_symbol() - an address for those who may not see it
 * @address: in the kernel's code
 * @text: set to symbol, offset and module
 *
 * Context: Process context.
 * Return: false if there is no symbol at that address (its module was unloaded):
 * then @text would be the address.
 */
bool droptrace_access_symbol(unsigned long address, char text[KSYM_SYMBOL_LEN])
{
	sprint_symbol(text, address);
	return !str_has_prefix(text, "0x");
}
