truth='udp_queue_rcv_one_skb(): the socket wants more covered by the checksum'
setup() { net 'udplite(5002, 100)'; }
send='into(ip4("10.77.0.1", "10.77.0.2", 136, udplite_head("10.77.0.1", "10.77.0.2", 4000, 5002, 8)))'
send_well='into(ip4("10.77.0.1", "10.77.0.2", 136, udplite_head("10.77.0.1", "10.77.0.2", 4000, 5002, 0)))'
filter='proto 136'
drop='udp_queue_rcv_one_skb'
cause='udp_queue_rcv_one_skb /cscov  <  up->pcrlen/'
