truth='ping_rcv(): an echo reply that no ping socket waits for'
send='into(ip4("10.77.0.1", "10.77.0.2", 1, icmp(0)))'
filter='icmp[0] = 0'
drop='icmp_rcv'
reason=NO_SOCKET
cause='ping_rcv /if \(sk\)/
ping_lookup /.*/'
