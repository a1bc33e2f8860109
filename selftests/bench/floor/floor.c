// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kprobes that do nothing, at given addresses: what any tool that uses kprobes pays
 * at least.
 */
#include <linux/kprobes.h>
#include <linux/module.h>

#define FLOOR_MAX 128

static unsigned long at[FLOOR_MAX];
static unsigned int nr_at;
module_param_array(at, ulong, &nr_at, 0);
MODULE_PARM_DESC(at, "addresses");

static struct kprobe floor_probes[FLOOR_MAX];
static struct kprobe *floor_list[FLOOR_MAX];

static int floor_hit(struct kprobe *probe, struct pt_regs *regs)
{
	return 0;
}

static int __init floor_init(void)
{
	unsigned int i;

	for (i = 0; i < nr_at; i++) {
		floor_probes[i].addr = (kprobe_opcode_t *)at[i];
		floor_probes[i].pre_handler = floor_hit;
		floor_list[i] = &floor_probes[i];
	}
	return register_kprobes(floor_list, nr_at);
}

static void __exit floor_exit(void)
{
	unregister_kprobes(floor_list, nr_at);
}

module_init(floor_init);
module_exit(floor_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("droptrace bench: kprobes that do nothing");
