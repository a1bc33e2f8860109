truth='sctp_rcv_checksum(): the CRC is wrong'
setup() { must modprobe sctp; }
send='into(ip4("10.77.0.1", "10.77.0.2", 132, struct.pack("!HHII", 4000, 5000, 0, 0x1234) + struct.pack("!BBHIIHHI", 1, 0, 20, 7, 65535, 1, 1, 9)))'
filter='ip proto 132'
drop='sctp_rcv'
cause='sctp_rcv_checksum /val != cmp/
sctp_rcv /sctp_rcv_checksum/'
