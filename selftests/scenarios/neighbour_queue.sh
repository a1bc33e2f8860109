truth='__neigh_event_send(): the queue of the neighbour, and the packet, are over unres_qlen_bytes'
setup() { set_in d1 net.ipv4.neigh.a0.unres_qlen_bytes=1 net.ipv4.neigh.a0.retrans_time_ms=60000; }
send="udp('d1', '10.77.0.99', 7, sport=3114)"
filter='src port 3114'
drop='__neigh_event_send|neigh_event_send_probe'
cause='__neigh_event_send /arp_queue_len_bytes \+ skb->truesize >/'
