truth='ip_tunnel_rcv(): the tunnel wants checksums and the packet has none'
setup() { in_d2 'tunnel add g0 mode gre local 10.77.0.2 remote 10.77.0.1 icsum' 'link set g0 up'; }
send='into(ip4("10.77.0.1", "10.77.0.2", 47, struct.pack("!HH", 0, 0x0800) + udp4("192.0.2.1", "192.0.2.2", 1, 2)))'
filter='proto 47'
drop=ip_tunnel_rcv
cause='ip_tunnel_rcv /tpi->flags&TUNNEL_CSUM/'
