truth='gre_rcv() of module gre: ver is 3, not below GREPROTO_MAX'
setup() { must modprobe gre; }
send="into(ip4('10.77.0.1', '10.77.0.2', 47, bytes([0, 3]) + bytes(18)))"
filter='proto gre'
drop=gre_rcv
cause='gre_rcv /ver >= GREPROTO_MAX/'
