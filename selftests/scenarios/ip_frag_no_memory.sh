truth='inet_frag_find(): no memory is allowed for fragments'
setup() { set_in d2 net.ipv4.ipfrag_low_thresh=0 net.ipv4.ipfrag_high_thresh=0; }
send='into(ip4("10.77.0.1", "10.77.0.2", 17, bytes(16), frag=0x2000))'
filter='ip proto 17 and ip[6:2] & 0x3fff != 0'
drop='ip_defrag'
cause='inet_frag_find /!high_thresh \|\|/'
