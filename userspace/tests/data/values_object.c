// SPDX-License-Identifier: GPL-2.0-only
// A small object with variables in all the places that compilers put them. Labels
// that begin with place_ are looked up by the tests.
#define bool _Bool
#include "values_types.h"

#define place(name, ...) __asm__ volatile("place_" #name ": nop" : : __VA_ARGS__)

int global_number = 3;
static struct item static_item;
extern int declared_elsewhere;
int declared_elsewhere = 5;
__attribute__((section(".data..percpu"))) struct pair counters;
struct hidden;

__attribute__((noinline)) void sink(void *what)
{
	__asm__ volatile("" : : "r"(what) : "memory");
}

int look(struct item *item, long count, struct sk_buff *skb)
{
	int small = (int)count + 1;
	struct iphdr *iph = (struct iphdr *)(skb->head + skb->network_header);

	place(look, "r"(item), "r"(count), "r"(skb), "r"(small), "r"(iph));
	global_number += small + static_item.value;
	counters.x++;
	return item->value;
}

/* Not used after the call: gone, but known from the entry. */
int after(struct item *lost, int kept, struct hidden *hidden)
{
	int gone = lost->value * 3;
	long vanished;
	int on_stack[6] = { kept, gone, 3, 4, 5, 6 };

	__asm__ volatile("mov $7, %0" : "=r"(vanished));
	sink((void *)vanished); /* mark: vanished */
	sink(on_stack);
	place(after, "r"(kept));
	sink(hidden);
	sink(on_stack);
	return kept;
}

static inline __attribute__((always_inline)) int inner(struct item *thing)
{
	int inside = thing->value + 1;

	place(inner, "r"(inside), "r"(thing));
	return inside;
}

static inline __attribute__((always_inline)) int sum(struct pair *pair)
{
	place(implicit, "r"(pair->x), "r"(pair->y));
	return pair->x + pair->y;
}

int outer(struct item *thing, int x)
{
	struct item *other = thing->next;
	struct pair both = { .x = x, .y = x + 1 };
	const int fixed = 42;
	int result = inner(other);

	{
		long only_here = x * 5L;

		place(block, "r"(only_here), "r"(fixed));
	}
	return result + sum(&both) + thing->value;
}

int seventh(int a, int b, int c, int d, int e, int f, long on_stack)
{
	place(seventh, "r"(a));
	return a + b + c + d + e + f + (int)on_stack;
}

/* Functions with packets in several ways. */
int takes_packet(int x, struct sk_buff *skb) { return x + (int)skb->len; }
int takes_pointer(struct sk_buff **pskb) { return (int)(*pskb)->len; }
void receive_list(struct list_head *head, int other) { sink(head->next + other); }
unsigned int takes_info(struct pktinfo *pkt, struct nf_hook_state *state)
{
	return pkt->skb->len + (unsigned int)state->hook;
}
bool takes_outer(long x, struct outer_info *info) { return info->pkt->skb->len > x; }
int takes_none(struct item *item) { return item->value; }
struct item *gives_pointer(struct item *item) { return item->next; }
void gives_nothing(void) { sink(0); }
enum colour gives_colour(struct item *item) { return item->colour; }
