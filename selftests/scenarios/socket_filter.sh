truth='sk_filter_trim_cap(): the filter of the socket returns 0 bytes: err is -EPERM'
setup() { net 'listen("d2", "udp", 7005, reject=True)'; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7005))"
filter='dst port 7005'
drop='udp_queue_rcv_one_skb'
incomplete='what a BPF program returned; it is no function that could be followed'
reason=SOCKET_FILTER
cause='sk_filter_trim_cap /pkt_len \?/
udp_queue_rcv_one_skb /sk_filter_trim_cap/'
