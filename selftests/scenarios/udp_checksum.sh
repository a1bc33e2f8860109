truth='udp4_csum_init(): it is short, so __skb_checksum_complete() runs at once, and is not 0'
setup() { net 'listen("d2", "udp", 7002)'; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7002, bad=1))"
send_well="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7002))"
filter='dst port 7002'
drop='__udp4_lib_rcv|udp_rcv|udp_queue_rcv_one_skb'
reason=UDP_CSUM
cause='udp4_csum_init /if \(err\)/
udp4_csum_init /skb_checksum_init_zero_check/
__skb_checksum_complete /csum_fold/
__skb_checksum_complete /likely\(!sum\)/
udp_lib_checksum_complete /skb_csum_unnecessary/
udp_unicast_rcv_skb /./
__udp4_lib_rcv /udp_lib_checksum_complete/
udp_queue_rcv_one_skb /udp_lib_checksum_complete/'
