truth='packet_rcv(): sk_rmem_alloc is not below sk_rcvbuf'
setup() { net 'listen("d2", "packet", 0x0800, rcvbuf=1)'; net "frame('d1', 'a0', eth('02:00:00:00:00:02', ETH_IP, udp4('10.77.0.1', '10.77.0.2', 3000, 7002, payload=bytes(400))), 12)"; net 'listen("d2", "udp", 7002)'; }
send="into(udp4('10.77.0.1', '10.77.0.2', 3000, 7002, payload=bytes(400)))"
filter='dst port 7002'
drop='packet_rcv'
cause='packet_rcv /sk_rmem_alloc/'
