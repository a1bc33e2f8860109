truth='__ipgre_rcv(): ip_tunnel_lookup() finds no tunnel'
setup() { must modprobe ip_gre; }
send="into(ip4('10.77.0.1', '10.77.0.2', 47, bytes([0, 0, 8, 0]) + udp4('10.80.0.1', '10.80.0.2', 3000, 7102)))"
filter='proto gre'
drop=gre_rcv
cause='ip_tunnel_lookup /./
__ipgre_rcv /if \(tunnel\)/
ipgre_rcv /PACKET_NEXT/'
remedy() { must ip -n d2 tunnel add g1 mode gre local 10.77.0.2 remote 10.77.0.1; must ip -n d2 link set g1 up; }
