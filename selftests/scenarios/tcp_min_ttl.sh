truth='tcp_v4_rcv(): ttl 64 is less than the min_ttl of the socket, 255'
setup() { net 'listen("d2", "tcp", 7006, min_ttl=255)'; }
send="into(tcp4('10.77.0.1', '10.77.0.2', 3000, 7006))"
send_well="into(tcp4('10.77.0.1', '10.77.0.2', 3000, 7006, flags=16, ttl=255))"
filter='dst port 7006'
drop=tcp_v4_rcv
reason='TCP_MINTTL|NOT_SPECIFIED'
cause='tcp_v4_rcv /iph->ttl < /'
