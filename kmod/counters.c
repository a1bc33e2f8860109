// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters of all drops.  One table a CPU, written by that CPU alone, so that a
 * count is two additions: open addressing, bounded, with one row for whatever
 * finds no place.  A reader adds up the rows of all CPUs.
 *
 * A row is taken with interrupts off; a drop in an NMI, which nothing holds off,
 * may use rows but takes none.
 *
 * Counting costs something at every drop of the machine, so it is on only while
 * a socket wants it or it was switched on to stay (also by the module parameter).
 */
#include <linux/hash.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <asm/local64.h>

#include "counters.h"
#include "drop.h"
#include "probe_skb.h"

#define COUNTERS_BITS	10
#define COUNTERS_ROWS	BIT(COUNTERS_BITS)
#define COUNTERS_PROBES	8	/* rows looked at before a drop goes to overflow */

/**
 * struct counters_row - a row of one CPU's table
 * @key: valid once @used is set, and never changed after
 * @used: set with release semantics by the CPU that owns the table
 * @packets: drops
 * @bytes: their lengths
 *
 * Interrupts of the CPU count in the same rows: with operations that they cannot
 * split.
 */
struct counters_row {
	struct droptrace_counter_key key;
	u64 used;
	local64_t packets;
	local64_t bytes;
};

/**
 * struct counters_table - one CPU's counters
 * @rows: hashed by key
 * @overflow: what found no place
 */
struct counters_table {
	struct counters_row rows[COUNTERS_ROWS];
	struct counters_row overflow;
};

/* The tables of all CPUs; read by the probe with preemption off. */
struct counters_tables {
	u64 since;			/* CLOCK_MONOTONIC, ns */
	struct counters_table *of_cpu[];
};

static struct counters_tables __rcu *counters_tables;	/* under droptrace_mutex */
static unsigned int counters_users;			/* under droptrace_mutex */
static bool counters_kept;				/* under droptrace_mutex */

bool droptrace_counters_on;

static void counters_free(struct counters_tables *tables)
{
	int cpu;

	if (!tables)
		return;
	for_each_possible_cpu(cpu)
		vfree(tables->of_cpu[cpu]);
	kfree(tables);
	atomic_dec(&droptrace_objects);
}

static struct counters_tables *counters_alloc(void)
{
	struct counters_tables *tables;
	int cpu;

	tables = kzalloc(struct_size(tables, of_cpu, nr_cpu_ids), GFP_KERNEL);
	if (!tables)
		return NULL;
	atomic_inc(&droptrace_objects);
	tables->since = ktime_get_ns();
	for_each_possible_cpu(cpu) {
		tables->of_cpu[cpu] = vzalloc_node(sizeof(*tables->of_cpu[cpu]),
						   cpu_to_node(cpu));
		if (!tables->of_cpu[cpu]) {
			counters_free(tables);
			return NULL;
		}
	}
	return tables;
}

static void counters_publish(struct counters_tables *tables)
{
	struct counters_tables *old;

	old = rcu_replace_pointer(counters_tables, tables, lockdep_is_held(&droptrace_mutex));
	WRITE_ONCE(droptrace_counters_on, tables);
	if (!old)
		return;
	/* The probe runs with preemption off, which this waits for. */
	synchronize_rcu();
	counters_free(old);
}

/* Bring tables and probe in line with who wants counts. */
static int counters_update(void)
{
	bool wanted = counters_users || counters_kept;
	struct counters_tables *tables;
	int err;

	lockdep_assert_held(&droptrace_mutex);
	if (wanted == droptrace_counters_on)
		return 0;
	if (!wanted) {
		counters_publish(NULL);
		return droptrace_probe_skb_update();
	}

	tables = counters_alloc();
	if (!tables)
		return -ENOMEM;
	counters_publish(tables);
	err = droptrace_probe_skb_update();
	if (err)
		counters_publish(NULL);
	return err;
}

/**
 * droptrace_counters_get() - a socket wants drops to be counted
 *
 * Context: Process context. May sleep. Expects droptrace_mutex to be held by
 * caller.
 * Return: 0, to be undone with droptrace_counters_put(); or -errno.
 */
int droptrace_counters_get(void)
{
	int err;

	counters_users++;
	err = counters_update();
	if (err)
		counters_users--;
	return err;
}

/**
 * droptrace_counters_put() - a socket wants no counts any more
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 */
void droptrace_counters_put(void)
{
	counters_users--;
	counters_update();
}

/**
 * droptrace_counters_keep() - count whether a socket wants it or not
 * @keep: begin or stop to
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 * Return: 0 or -errno.
 */
int droptrace_counters_keep(bool keep)
{
	bool before = counters_kept;
	int err;

	counters_kept = keep;
	err = counters_update();
	if (err)
		counters_kept = before;
	return err;
}

/**
 * droptrace_counters_reset() - begin again from zero
 *
 * New tables take the place of the old ones, so that no count is half old.
 *
 * Context: Process context. Sleeps. Expects droptrace_mutex to be held by caller.
 * Return: 0 or -ENOMEM.
 */
int droptrace_counters_reset(void)
{
	struct counters_tables *tables;

	if (!droptrace_counters_on)
		return 0;
	tables = counters_alloc();
	if (!tables)
		return -ENOMEM;
	counters_publish(tables);
	return 0;
}

/**
 * droptrace_counters_since() - how long has been counted
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller.
 * Return: nanoseconds since counting began or was reset, 0 if it is off.
 */
u64 droptrace_counters_since(void)
{
	const struct counters_tables *tables;

	tables = rcu_dereference_protected(counters_tables, lockdep_is_held(&droptrace_mutex));
	return tables ? ktime_get_ns() - tables->since : 0;
}

/**
 * droptrace_counters_exit() - free the tables; the probe is gone
 *
 * Context: Process context. Sleeps. Takes and releases droptrace_mutex.
 */
void droptrace_counters_exit(void)
{
	mutex_lock(&droptrace_mutex);
	counters_publish(NULL);
	mutex_unlock(&droptrace_mutex);
}

static u32 counters_hash(const struct droptrace_counter_key *key)
{
	/* ids that are small and differ in few bits, spread over the word */
	u64 mix = key->location ^ (u64)key->reason << 48 ^ (u64)key->protocol << 32 ^
		  (u64)key->netns << 20 ^ (u64)key->ifindex << 40;

	return hash_64(mix, COUNTERS_BITS);
}

static bool counters_key_equals(const struct droptrace_counter_key *a,
				const struct droptrace_counter_key *b)
{
	return a->location == b->location && a->reason == b->reason &&
	       a->ifindex == b->ifindex && a->netns == b->netns &&
	       a->protocol == b->protocol;
}

/* Take a row for a key; false if an interrupt was faster. */
static bool counters_take(struct counters_row *row, const struct droptrace_counter_key *key)
{
	unsigned long flags;
	bool taken = false;

	local_irq_save(flags);
	if (!row->used) {
		row->key = *key;
		/* Pairs with the smp_load_acquire() in droptrace_counters_next(). */
		smp_store_release(&row->used, 1);
		taken = true;
	}
	local_irq_restore(flags);
	return taken;
}

static struct counters_row *counters_find(struct counters_table *table,
					  const struct droptrace_counter_key *key)
{
	u32 hash = counters_hash(key);
	struct counters_row *row;
	unsigned int i;

	for (i = 0; i < COUNTERS_PROBES; i++) {
		row = &table->rows[(hash + i) % COUNTERS_ROWS];
		if (unlikely(!row->used)) {
			if (in_nmi())
				break;
			if (counters_take(row, key))
				return row;
		}
		if (likely(counters_key_equals(&row->key, key)))
			return row;
	}
	return &table->overflow;
}

/**
 * droptrace_counters_count() - count a drop
 * @drop: the drop
 *
 * Context: Any context. Expects preemption to be off.
 */
void droptrace_counters_count(struct droptrace_drop *drop)
{
	struct counters_tables *tables = rcu_dereference_sched(counters_tables);
	struct droptrace_counter_key key = {
		.location = drop->location,
		.reason = drop->reason,
		.protocol = droptrace_packet_ethertype(&drop->pkt),
	};
	struct counters_row *row;

	if (!tables)
		return;
	droptrace_drop_find_device(drop);
	key.netns = drop->netns;
	key.ifindex = drop->device ? drop->device->ifindex : 0;
	row = counters_find(tables->of_cpu[smp_processor_id()], &key);
	local64_inc(&row->packets);
	local64_add(droptrace_packet_len(&drop->pkt), &row->bytes);
}

/**
 * droptrace_counters_next() - walk over the rows of all CPUs
 * @position: 0 at first; where to go on
 * @counter: set to the next row
 *
 * Context: Process context. Expects droptrace_mutex to be held by caller, which
 * may let go of it between two calls.
 * Return: false if there are no more.
 */
bool droptrace_counters_next(unsigned long *position, struct droptrace_counter *counter)
{
	const struct counters_tables *tables;
	const struct counters_row *row;
	unsigned long cpu, index;

	tables = rcu_dereference_protected(counters_tables, lockdep_is_held(&droptrace_mutex));
	if (!tables)
		return false;

	for (;; (*position)++) {
		cpu = *position / (COUNTERS_ROWS + 1);
		index = *position % (COUNTERS_ROWS + 1);
		if (cpu >= nr_cpu_ids)
			return false;
		if (!cpu_possible(cpu))
			continue;
		counter->overflow = index == COUNTERS_ROWS;
		row = counter->overflow ? &tables->of_cpu[cpu]->overflow :
					  &tables->of_cpu[cpu]->rows[index];
		counter->packets = local64_read(&row->packets);
		/* Pairs with the smp_store_release() in counters_take(). */
		if (counter->overflow ? !counter->packets : !smp_load_acquire(&row->used))
			continue;
		counter->key = row->key;
		counter->bytes = local64_read(&row->bytes);
		return true;
	}
}
