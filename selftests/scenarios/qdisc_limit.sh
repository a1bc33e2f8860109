truth='bfifo_enqueue(): the backlog and 828 bytes are over the limit of 300'
setup() { must tc -n d1 qdisc add dev a0 root bfifo limit 300; must ip -n d1 neigh replace 10.77.0.2 lladdr 02:00:00:00:00:02 dev a0; }
send="udp('d1', '10.77.0.2', 7102, sport=3112, size=800)"
filter='src port 3112'
drop='kfree_skb_list_reason|kfree_skb_list|__dev_xmit_skb'
reason=QDISC_DROP
cause='bfifo_enqueue /qstats.backlog \+ qdisc_pkt_len/'
remedy() { must tc -n d1 qdisc del dev a0 root; }
