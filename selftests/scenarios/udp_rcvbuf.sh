truth='__udp_enqueue_schedule_skb(): rmem is over sk_rcvbuf'
setup() { net 'listen("d2", "udp", 7004, rcvbuf=1)'; net 'udp("d1", "10.77.0.2", 7004, size=400, count=10)'; }
send="udp('d1', '10.77.0.2', 7004, size=400)"
filter='dst port 7004'
drop='udp_queue_rcv_one_skb|__udp_queue_rcv_skb'
reason=SOCKET_RCVBUFF
cause='__udp_enqueue_schedule_skb /rmem > sk->sk_rcvbuf/
__udp_enqueue_schedule_skb /rmem > \(size/'
