// SPDX-License-Identifier: GPL-2.0-only
/*
 * droptrace: watches packets being dropped, and streams them to its clients over
 * generic netlink.  Here the module begins and ends; requests are the last thing
 * to be let in and the first to be shut out.
 */
#include <linux/module.h>

#include "counters.h"
#include "device.h"
#include "droptrace.h"
#include "filter.h"
#include "level.h"
#include "netlink.h"
#include "probe_skb.h"
#include "session.h"
#include "trace.h"

DEFINE_MUTEX(droptrace_mutex);	/* the configuration, see droptrace.h */
atomic_t droptrace_objects = ATOMIC_INIT(0);

static bool counters;
module_param(counters, bool, 0444);
MODULE_PARM_DESC(counters, "count all drops from the start (default: only while a client asks)");

/* Code that filters name by address, or that has points, may be about to go. */
static int main_module_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	if (event == MODULE_STATE_GOING) {
		droptrace_filter_module_going(ptr);
		droptrace_trace_module_going(ptr);
	}
	return NOTIFY_DONE;
}

static struct notifier_block main_module_notifier = {
	.notifier_call = main_module_notify,
};

static int main_count_from_start(void)
{
	int err;

	if (!counters)
		return 0;
	mutex_lock(&droptrace_mutex);
	err = droptrace_counters_keep(true);
	mutex_unlock(&droptrace_mutex);
	return err;
}

static int __init droptrace_init(void)
{
	int err;

	err = droptrace_device_init();
	if (err)
		return err;
	err = droptrace_level_init();
	if (err)
		goto err_device;
	err = register_module_notifier(&main_module_notifier);
	if (err)
		goto err_level;
	err = droptrace_session_init();
	if (err)
		goto err_module_notifier;
	err = main_count_from_start();
	if (err)
		goto err_session;
	err = droptrace_netlink_init();
	if (err)
		goto err_session;
	return 0;

err_session:
	droptrace_session_exit();
err_module_notifier:
	unregister_module_notifier(&main_module_notifier);
err_level:
	droptrace_probe_skb_exit();
	droptrace_counters_exit();
	droptrace_level_exit();
err_device:
	droptrace_device_exit();
	rcu_barrier();
	return err;
}

static void __exit droptrace_exit(void)
{
	droptrace_netlink_exit();
	droptrace_session_exit();
	droptrace_trace_exit();
	unregister_module_notifier(&main_module_notifier);
	droptrace_probe_skb_exit();
	droptrace_counters_exit();
	droptrace_filter_exit();
	droptrace_level_exit();
	droptrace_device_exit();
	/* Entries and rulesets that RCU still has to free. */
	rcu_barrier();
}

module_init(droptrace_init);
module_exit(droptrace_exit);

MODULE_DESCRIPTION("Trace dropped packets to the source line that decided");
MODULE_AUTHOR("The droptrace authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(DROPTRACE_VERSION);
