truth='sock_queue_rcv_skb_reason(): sk_rmem_alloc is not below sk_rcvbuf'
setup() { net 'listen("d2", "raw", 253, rcvbuf=1)'; net "frame('d1', 'a0', eth('02:00:00:00:00:02', ETH_IP, ip4('10.77.0.1', '10.77.0.2', 253, bytes(400))), 12)"; }
send="into(ip4('10.77.0.1', '10.77.0.2', 253, bytes(400)))"
filter='ip proto 253'
drop='raw_rcv_skb|raw_rcv|raw_local_deliver|raw_v4_input'
reason='SOCKET_RCVBUFF|NOT_SPECIFIED'
cause='__sock_queue_rcv_skb /sk_rmem_alloc/'
